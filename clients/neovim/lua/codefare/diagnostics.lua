-- Tells the server what other servers found, which a language server does not learn by itself.

local M = {}

local PAUSE, MOST = 100, 200 -- milliseconds in which changes are gathered; diagnostics of one buffer

local waiting = {} ---@type table<integer, true>

---Diagnostics as the server counts columns, whichever server found them.
---@param client vim.lsp.Client
---@param found vim.Diagnostic[]
---@return lsp.Diagnostic[]
function M.told(client, found)
  return vim.tbl_map(function(one)
    local function position(line, column)
      local text = vim.api.nvim_buf_get_lines(one.bufnr, line, line + 1, false)[1] or ''
      return { line = line, character = vim.str_utfindex(text, client.offset_encoding, math.min(column, #text), false) }
    end
    return {
      range = { start = position(one.lnum, one.col), ['end'] = position(one.end_lnum, one.end_col) },
      message = one.message,
      severity = one.severity,
      source = one.source,
      code = one.code,
    }
  end, found)
end

---@param buffer integer
---@param client vim.lsp.Client
local function send(buffer, client)
  local pushed, pulled = vim.lsp.diagnostic.get_namespace(client.id), vim.lsp.diagnostic.get_namespace(client.id, true)
  local found = vim.tbl_filter(function(one)
    return one.namespace ~= pushed and one.namespace ~= pulled
  end, vim.diagnostic.get(buffer))
  local told = M.told(client, vim.list_slice(found, 1, MOST))
  client:notify('codefare/diagnostics', { uri = vim.uri_from_bufnr(buffer), diagnostics = told })
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
    for _, client in ipairs(vim.lsp.get_clients({ name = 'codefare', bufnr = buffer })) do
      send(buffer, client)
    end
  end, PAUSE)
end

return M
