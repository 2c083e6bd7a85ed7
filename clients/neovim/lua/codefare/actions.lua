-- What the commands of plugin/codefare.lua do. The menu, its prices and every text come from the server.

local diagnostics = require('codefare.diagnostics')
local place = require('codefare.place')
local server = require('codefare.server')

local M = {}

---Has the server run one of its commands. Why it did not is said in its words, without the number that Neovim would put
---before them.
---@param client vim.lsp.Client
---@param title string
---@param command string
---@param arguments? any[]
local function run(client, title, command, arguments)
  client:exec_cmd({ title = title, command = command, arguments = arguments }, nil, function(err)
    if err then
      vim.notify('codefare: ' .. err.message, vim.log.levels.ERROR)
    end
  end)
end

---The menu of codefare's actions at the cursor or on `lines`. If just one title begins with `name`, that action runs at
---once.
---@param name string
---@param lines? codefare.Lines
function M.menu(name, lines)
  local client = server.here()
  if not client then
    return
  end
  local first, last = lines and lines.first or vim.fn.line('.'), lines and lines.last or vim.fn.line('.')
  local here = vim.tbl_filter(function(diagnostic)
    return first - 1 <= diagnostic.end_lnum and diagnostic.lnum < last
  end, vim.diagnostic.get(0))
  vim.lsp.buf.code_action({
    apply = name ~= '',
    -- Left alone, Neovim sends a server only the diagnostics which that server published.
    context = { diagnostics = diagnostics.told(client, here) },
    filter = function(action)
      local ours = action.kind and action.kind:find('codefare', 1, true)
      return ours and vim.startswith(action.title:lower(), name:lower())
    end,
    range = lines and place.marks(lines),
  })
end

---Runs the action of that name at the cursor or on `lines` with the user's own words. Without any the server asks for
---them.
---@param action string
---@param words string
---@param lines? codefare.Lines
function M.ask(action, words, lines)
  local client = server.here()
  if client then
    local said = words ~= '' and { instruction = words } or { ask = true }
    local argument = vim.tbl_extend('force', place.argument(client, lines), { action = action }, said)
    run(client, action, 'codefare.run', { argument })
  end
end

function M.doctor()
  local client = server.here(true)
  if client then
    run(client, 'Doctor', 'codefare.doctor')
  end
end

function M.cancel()
  local client = server.here(true)
  if client then
    run(client, 'Cancel', 'codefare.cancel')
  end
end

---Shows what was spent: `{}`, `{ 'day' }` or `{ 'day', '7d' }`.
---@param arguments string[]
function M.usage(arguments)
  local client = server.here(true)
  if client then
    run(client, 'What was spent', 'codefare.usage', arguments)
  end
end

return M
