-- The running server.

local M = {}

---The client of this buffer's server, `anywhere` else of another's; without one the user is told why.
---@param anywhere? boolean
---@return vim.lsp.Client?
function M.here(anywhere)
  local client = vim.lsp.get_clients({ name = 'codefare', bufnr = 0 })[1]
    or anywhere and vim.lsp.get_clients({ name = 'codefare' })[1]
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

function M.restart()
  vim.lsp.enable('codefare', false)
  vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = 'codefare', _uninitialized = true }) == 0
  end, 20)
  vim.lsp.enable('codefare')
end

return M
