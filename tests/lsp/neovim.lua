-- Opens a file, has the small server replace a part of it, and prints what became of the buffer.
-- The order comes as JSON in CODEFARE_ORDER: server, file, start, stop, text, typed, row.
local order = vim.json.decode(vim.env.CODEFARE_ORDER)
vim.cmd.edit(vim.fn.fnameescape(order.file))
vim.bo.fixendofline = false -- the test wants the file as the edit leaves it
local buffer = vim.api.nvim_get_current_buf()

local function lines()
  return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end

local before = lines()
local apply = vim.lsp.handlers["workspace/applyEdit"]
local id = vim.lsp.start({
  name = "tiny",
  cmd = order.server,
  root_dir = vim.fs.dirname(order.file),
  handlers = {
    ["workspace/applyEdit"] = function(...)
      if order.typed then
        vim.api.nvim_buf_set_lines(buffer, order.row, order.row, false, { order.typed })
        order.typed = nil
      end
      return apply(...)
    end,
  },
})
local client = assert(vim.lsp.get_client_by_id(assert(id)))
assert(vim.wait(20000, function()
  return client.initialized and client.attached_buffers[buffer]
end))

local function ask(method, params)
  local answer = assert(client:request_sync(method, params, 20000, buffer))
  assert(not answer.err, vim.inspect(answer.err))
  return answer.result
end

local place = ask("x/hold", { uri = vim.uri_from_bufnr(buffer), start = order.start, ["end"] = order.stop })
local result = ask("x/apply", { place = place, text = order.text })
local after = lines()
vim.cmd("silent write!")
vim.cmd("silent undo")
io.stdout:write(vim.json.encode({ result = result, after = after, undone = vim.deep_equal(lines(), before) }))
client:stop()
vim.wait(10000, function()
  return client:is_stopped()
end)
