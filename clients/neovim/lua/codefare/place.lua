-- Places in the buffer, as a server counts them.

local M = {}

---@alias codefare.Lines { first: integer, last: integer } from 1

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

return M
