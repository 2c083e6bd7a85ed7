-- Plays a list of steps in Neovim, as a user would, and prints what each gave:
--
--   CLIENT=<clients/neovim> STEPS=<file> nvim --headless -u NONE -i NONE -n -c 'luafile drive.lua'
--
-- STEPS holds JSON, [["open", "a.py"], ["hover", 1, 5], ...]. Standard output is one JSON object: `results` of the
-- steps that give one, in order, `messages` with what the user was told, and `error` if a step failed.

local steps, messages = {}, {}
local PATIENCE = 15000 -- milliseconds until a step that waits has failed

local function await(what, condition)
  if not vim.wait(PATIENCE, condition, 10) then
    error(what .. ' did not happen; the buffer holds:\n' .. table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'))
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function clients()
  return vim.lsp.get_clients({ name = 'codefare', bufnr = 0 })
end

-- Opens a file, for which a server may start.
function steps.open(file)
  vim.cmd.edit(vim.fn.fnameescape(file))
end

-- Waits until a server serves the buffer.
function steps.served()
  await('the start of codefare', function()
    return clients()[1] ~= nil
  end)
end

-- The id of the client of the server that serves the buffer.
function steps.client()
  return clients()[1].id
end

function steps.cursor(line, column)
  vim.api.nvim_win_set_cursor(0, { line, column - 1 })
end

-- Any Ex command, as typed.
function steps.command(line)
  vim.cmd(line)
end

-- The text of the hover at the cursor.
function steps.hover()
  vim.lsp.buf.hover()
  local float
  await('a hover', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      float = vim.api.nvim_win_get_config(window).relative ~= '' and window or float
    end
    return float
  end)
  local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false)
  vim.api.nvim_win_close(float, true)
  return table.concat(lines, '\n')
end

-- Opens the action menu, by the given Ex command or as `gra` does, and picks the first title that begins so (none: '').
-- Returns all titles.
function steps.choose(title, command)
  local titles
  vim.ui.select = function(items, options, on_choice)
    titles = vim.tbl_map(options.format_item, items)
    for i, item in ipairs(items) do
      if title ~= '' and vim.startswith(titles[i], title) then
        return on_choice(item, i)
      end
    end
    on_choice(nil)
  end
  if command then
    vim.cmd(command)
  else
    vim.lsp.buf.code_action()
  end
  await('the action menu', function()
    return titles
  end)
  return titles
end

-- The text of the buffer, as a file would have it.
function steps.buffer()
  return text() .. '\n'
end

-- Waits until the text is not that of the file, and returns it.
function steps.changed()
  await('a change', function()
    return vim.bo.modified
  end)
  return steps.buffer()
end

-- Waits until the buffer has this text, and returns all of it.
function steps.text(part)
  await('the text ' .. part, function()
    return text():find(part, 1, true)
  end)
  return steps.buffer()
end

-- Waits until a buffer whose name ends so is shown, goes there, and returns its path.
function steps.shown(suffix)
  local window
  await('a window with ' .. suffix, function()
    for _, each in ipairs(vim.api.nvim_list_wins()) do
      local name = vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(each))
      window = vim.endswith(name, suffix) and each or window
    end
    return window
  end)
  vim.api.nvim_set_current_win(window)
  return vim.api.nvim_buf_get_name(0)
end

-- Waits until the statusline text has this part, or is empty where the part is, and returns it.
function steps.status(part)
  local status
  await('the status ' .. part, function()
    status = require('codefare.status').text()
    return part == '' and status == '' or part ~= '' and status:find(part, 1, true)
  end)
  return status
end

-- Waits until the user was told something with this part.
function steps.told(part)
  await('the message ' .. part, function()
    return table.concat(messages, '\n'):find(part, 1, true)
  end)
end

local function main()
  local results = {}
  local ok, err = xpcall(function()
    vim.cmd('filetype on')
    vim.opt.runtimepath:append(vim.env.CLIENT)
    vim.cmd.runtime('plugin/codefare.lua')
    vim.notify = function(message)
      table.insert(messages, message)
    end
    vim.lsp.handlers['window/showMessage'] = function(_, params)
      table.insert(messages, params.message)
    end
    vim.lsp.enable('codefare')
    for _, step in ipairs(vim.json.decode(table.concat(vim.fn.readfile(vim.env.STEPS), '\n'))) do
      results[#results + 1] = steps[step[1]](unpack(step, 2))
    end
  end, debug.traceback)
  io.stdout:write(vim.json.encode({ results = results, messages = messages, error = not ok and err or nil }), '\n')
  vim.cmd(ok and 'qall!' or 'cquit!')
end

vim.api.nvim_create_autocmd('VimEnter', { callback = vim.schedule_wrap(main) })
