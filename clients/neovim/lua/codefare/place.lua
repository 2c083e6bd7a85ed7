-- Places in the buffer, as a server counts them.

local M = {}

---@alias codefare.Lines { first: integer, last: integer } from 1

---@param client vim.lsp.Client
---@param line integer from 0
---@param byte integer
---@return lsp.Position
local function position(client, line, byte)
  local text = vim.api.nvim_buf_get_lines(0, line, line + 1, false)[1] or ''
  return { line = line, character = vim.str_utfindex(text, client.offset_encoding, byte, false) }
end

---Lines as a range of marks.
---@param lines codefare.Lines
function M.marks(lines)
  local last = math.max(vim.fn.col({ lines.last, '$' }) - 2, 0)
  return { start = { lines.first, 0 }, ['end'] = { lines.last, last } }
end

---The cursor or `lines` as an argument of the server's commands.
---@param client vim.lsp.Client
---@param lines? codefare.Lines
---@return { uri: string, range: lsp.Range }
function M.argument(client, lines)
  local util, encoding, marks = vim.lsp.util, client.offset_encoding, lines and M.marks(lines)
  local params = marks and util.make_given_range_params(marks.start, marks['end'], 0, encoding)
    or util.make_range_params(0, encoding)
  return { uri = params.textDocument.uri, range = params.range }
end

---What all servers and tools say of the cursor's line or of `lines`. Neovim keeps what a server sent, which may count
---characters in another way.
---@param client vim.lsp.Client
---@param lines? codefare.Lines
---@return lsp.Diagnostic[]
function M.diagnostics(client, lines)
  local first, last = lines and lines.first or vim.fn.line('.'), lines and lines.last or vim.fn.line('.')
  local told = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    if first - 1 <= each.end_lnum and each.lnum < last then
      local bare = vim.lsp.diagnostic.from({ vim.tbl_extend('force', each, { user_data = {} }) })[1]
      bare.range.start = position(client, each.lnum, each.col)
      bare.range['end'] = position(client, each.end_lnum, each.end_col)
      table.insert(told, bare)
    end
  end
  return told
end

return M
