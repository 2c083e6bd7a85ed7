-- Sets diagnostics as another server would, and prints what codefare's server was told of them.
-- The order comes as JSON in CODEFARE_ORDER: client (clients/neovim), server, file, encoding.
local order = vim.json.decode(vim.env.CODEFARE_ORDER)
vim.opt.runtimepath:append(order.client)
vim.cmd.runtime('plugin/codefare.lua')
vim.cmd.edit(vim.fn.fnameescape(order.file))
local buffer = vim.api.nvim_get_current_buf()
local theirs = vim.api.nvim_create_namespace('theirs')

local function found(column, words)
  return { lnum = 1, col = column, end_lnum = 1, end_col = column + 3, message = words, source = 'T', code = 'T1', severity = 2 }
end
vim.diagnostic.set(theirs, buffer, { found(12, 'before the start') })

local capabilities = vim.lsp.protocol.make_client_capabilities()
capabilities.general.positionEncodings = { order.encoding }
local id = assert(vim.lsp.start({ name = 'codefare', cmd = order.server, capabilities = capabilities }))
local client = assert(vim.lsp.get_client_by_id(id))

local function told(condition)
  local answer
  assert(vim.wait(20000, function()
    if not (client.initialized and client.attached_buffers[buffer]) then
      return false
    end
    answer = client:request_sync('x/diagnostics', { uri = vim.uri_from_bufnr(buffer) }, 20000, buffer)
    return answer and answer.result and condition(answer.result)
  end, 20), vim.inspect(answer))
  return answer.result
end

local results = { told(function(result)
  return #result == 1
end) }
-- Ours are not sent back; a whole burst is one message, and its last state counts.
vim.diagnostic.set(vim.lsp.diagnostic.get_namespace(id), buffer, { found(0, 'our own') })
for number = 1, 300 do
  local many = {}
  for _ = 1, number do
    many[#many + 1] = found(12, 'one of ' .. number)
  end
  vim.diagnostic.set(theirs, buffer, many)
end
results[2] = told(function(result)
  return result[1] and result[1][2] == 'one of 300'
end)
vim.diagnostic.reset(theirs, buffer)
results[3] = told(function(result)
  return #result == 0
end)
io.stdout:write(vim.json.encode(results))
client:stop()
vim.wait(10000, function()
  return client:is_stopped()
end)
