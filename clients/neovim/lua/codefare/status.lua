-- What runs and what it has cost so far, for a statusline.

local M = {}

---In all windows: a report takes the cursor, and the code's window would go on to show what ran.
local function redraw()
  vim.cmd.redrawstatus({ bang = true })
end

local running = {} ---@type table<lsp.ProgressToken, string>

---Empty when nothing runs.
---@return string
function M.text()
  return table.concat(vim.tbl_values(running), ', ')
end

---Follows the progress of jobs: the handler of LspProgress.
---@param data { client_id: integer, params: lsp.ProgressParams }
function M.on_progress(data)
  local client, progress = vim.lsp.get_client_by_id(data.client_id), data.params.value
  if client and client.name == 'codefare' then
    local text = progress.message and progress.title .. ': ' .. progress.message or progress.title
    running[data.params.token] = progress.kind ~= 'end' and text or nil
    redraw()
  end
end

---A server that died cannot say that its jobs ended: the handler of LspDetach.
---@param data { client_id: integer }
function M.on_detach(data)
  local client = vim.lsp.get_client_by_id(data.client_id)
  if not client or client.name == 'codefare' then
    running = {}
    redraw()
  end
end

return M
