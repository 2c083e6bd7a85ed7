-- What the commands of plugin/codefare.lua do. The menu, its prices and every text come from the server.

local M = {}

---The server of this buffer; without one the user is told why.
---@return vim.lsp.Client?
local function server()
  local client = vim.lsp.get_clients({ name = 'codefare', bufnr = 0 })[1]
  if not client then
    local cmd = vim.lsp.config.codefare.cmd
    local why = "is not running in this buffer: see ':checkhealth vim.lsp'"
    if type(cmd) == 'table' and vim.fn.executable(cmd[1]) == 0 then
      why = ("needs the program '%s': put it on your PATH, or set `cmd` (see clients/neovim/README.md)"):format(cmd[1])
    end
    vim.notify('codefare ' .. why, vim.log.levels.ERROR)
  end
  return client
end

---The menu of codefare's actions at the cursor, or on lines `first` to `last` (from 1). If just one title begins with
---`name`, that action runs at once.
---@param name string
---@param first? integer
---@param last? integer
function M.menu(name, first, last)
  if not server() then
    return
  end
  local from, to = first or vim.fn.line('.'), last or vim.fn.line('.')
  -- Left alone, Neovim sends a server only the diagnostics which that server published.
  local diagnostics = vim.tbl_filter(function(diagnostic)
    return from - 1 <= diagnostic.end_lnum and diagnostic.lnum < to
  end, vim.diagnostic.get(0))
  vim.lsp.buf.code_action({
    apply = name ~= '',
    context = { diagnostics = vim.lsp.diagnostic.from(diagnostics) },
    filter = function(action)
      local ours = action.kind and action.kind:find('codefare', 1, true)
      return ours and vim.startswith(action.title:lower(), name:lower())
    end,
    range = first and { start = { first, 0 }, ['end'] = { last, math.max(vim.fn.col({ last, '$' }) - 2, 0) } },
  })
end

function M.cancel()
  local client = server()
  if client then
    client:exec_cmd({ title = 'Cancel', command = 'codefare.cancel' })
  end
end

function M.restart()
  vim.lsp.enable('codefare', false)
  vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = 'codefare', _uninitialized = true }) == 0
  end, 20)
  vim.lsp.enable('codefare')
end

return M
