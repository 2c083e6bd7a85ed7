-- `:checkhealth codefare`: what `codefare doctor` finds, without a running server.

local M = {}

local tell = { ok = vim.health.ok, note = vim.health.info, warning = vim.health.warn, problem = vim.health.error }

function M.check()
  local cmd = vim.lsp.config.codefare.cmd
  local program = type(cmd) == 'table' and cmd[1] or 'codefare'
  if vim.fn.executable(program) == 0 then
    vim.health.start('codefare')
    local advice = 'Put it on your PATH, or set `cmd` (see clients/neovim/README.md).'
    return vim.health.error(("the program '%s' was not found"):format(program), advice)
  end
  local done = vim.system({ program, 'doctor', '--json' }, { text = true, timeout = 60000 }):wait()
  local read, found = pcall(vim.json.decode, done.stdout)
  if not read then
    vim.health.start('codefare')
    return vim.health.error(("'%s doctor' failed: %s"):format(program, vim.trim(done.stderr or '')))
  end
  local group
  for _, one in ipairs(found.findings) do
    if one.group ~= group then
      group = one.group
      vim.health.start('codefare: ' .. group)
    end
    local said = one.subject .. ': ' .. one.text
    if one.remedy == '' or one.state == 'ok' or one.state == 'note' then
      tell[one.state](one.remedy == '' and said or said .. ' → ' .. one.remedy)
    else
      tell[one.state](said, one.remedy)
    end
  end
end

return M
