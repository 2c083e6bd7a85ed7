-- Tells the server what other servers found, which a language server does not learn by itself.

local M = {}

local PAUSE, MOST = 100, 200 -- milliseconds in which changes are gathered; diagnostics of one buffer

local waiting = {} ---@type table<integer, true>

---@param buffer integer
---@param client vim.lsp.Client
local function send(buffer, client)
  local own = {
    [vim.lsp.diagnostic.get_namespace(client.id)] = true,
    [vim.lsp.diagnostic.get_namespace(client.id, true)] = true,
  }
  local function position(line, column)
    local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1] or ''
    return { line = line, character = vim.str_utfindex(text, client.offset_encoding, math.min(column, #text), false) }
  end
  local found = vim
    .iter(vim.diagnostic.get(buffer))
    :filter(function(one)
      return not own[one.namespace]
    end)
    :take(MOST)
    :map(function(one)
      return {
        range = { start = position(one.lnum, one.col), ['end'] = position(one.end_lnum, one.end_col) },
        message = one.message,
        severity = one.severity,
        source = one.source,
        code = one.code,
      }
    end)
    :totable()
  client:notify('codefare/diagnostics', { uri = vim.uri_from_bufnr(buffer), diagnostics = found })
end

---Sends the diagnostics of a buffer that codefare serves, in a moment.
---@param buffer integer
function M.share(buffer)
  if waiting[buffer] or #vim.lsp.get_clients({ name = 'codefare', bufnr = buffer }) == 0 then
    return
  end
  waiting[buffer] = true
  vim.defer_fn(function()
    waiting[buffer] = nil
    for _, client in ipairs(vim.api.nvim_buf_is_loaded(buffer) and vim.lsp.get_clients({ name = 'codefare', bufnr = buffer }) or {}) do
      send(buffer, client)
    end
  end, PAUSE)
end

return M
