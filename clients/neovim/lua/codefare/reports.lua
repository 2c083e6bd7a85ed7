-- Reports in a window of their own: the code that they are about stays where it is, and `q` closes them.

local M = {}

---Whether the server shows a report, and not a file of the project. It gives reports such names.
---@param uri string
---@return boolean
local function is_report(uri)
  return uri:find('%-' .. ('%x'):rep(12) .. '%.md$') ~= nil
end

---The window for reports of this tab page: the one that is there, or a new one below.
---@param buffer integer
---@param enter boolean
---@return integer
local function window_for(buffer, enter)
  for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.w[window].codefare_report then
      vim.api.nvim_win_set_buf(window, buffer)
      if enter then
        vim.api.nvim_set_current_win(window)
      end
      return window
    end
  end
  local height = math.min(vim.api.nvim_buf_line_count(buffer) + 1, math.floor(vim.o.lines / 2))
  return vim.api.nvim_open_win(buffer, enter, { split = 'below', height = height })
end

---@param uri string
---@param enter boolean whether the cursor goes there
local function open(uri, enter)
  local buffer = vim.uri_to_bufnr(uri)
  vim.bo[buffer].swapfile = false -- it quotes code
  vim.fn.bufload(buffer)
  vim.bo[buffer].bufhidden, vim.bo[buffer].buflisted = 'wipe', false
  vim.bo[buffer].filetype, vim.bo[buffer].modifiable = 'markdown', false
  vim.keymap.set('n', 'q', '<Cmd>bwipeout<CR>', { buffer = buffer, desc = 'Close the report' })
  local window = window_for(buffer, enter)
  vim.w[window].codefare_report = true
  vim.wo[window].wrap, vim.wo[window].linebreak = true, true
end

---The handler of `window/showDocument`.
---@param params lsp.ShowDocumentParams
function M.show(err, params, ctx)
  if not is_report(params.uri) then
    return vim.lsp.handlers['window/showDocument'](err, params, ctx)
  end
  -- Keys that are being typed belong to the text.
  local typing = vim.api.nvim_get_mode().mode:find('^[iRct]') ~= nil
  return { success = pcall(open, params.uri, params.takeFocus ~= false and not typing) }
end

return M
