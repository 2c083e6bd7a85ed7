-- Plays scenes in Neovim, as a user would, and prints what each gave:
--
--   CLIENT=<clients/neovim> SCENES=<file> nvim --headless -u NONE -i NONE -n -c 'luafile drive.lua'
--
-- SCENES holds JSON, a list of lists of steps: [[["open", "a.py"], ["cursor", 1, 5], ["hover"], ...], ...]. Standard
-- output is a JSON list with an object for each scene: `results` of the steps that give one, in order, `messages` with
-- what the user was told, and `error` if a step failed, with which its scene ends.

local steps, messages = {}, {}
local lists, questions = {}, {} -- what the user was asked and has not answered: to pick a line, to type words
local theirs = vim.api.nvim_create_namespace('a linter of the user')
local PATIENCE = 15000 -- milliseconds until a step that waits has failed

local function await(what, condition)
  if not vim.wait(PATIENCE, condition, 10) then
    error(what .. ' did not happen; the buffer holds:\n' .. table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'))
  end
end

-- Waits until what was scheduled so far is done: until an answer is on its way to the server, that is.
local function settle()
  local settled
  vim.schedule(function()
    settled = true
  end)
  await('a turn of the event loop', function()
    return settled
  end)
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
  if command then
    vim.cmd(command)
  else
    vim.lsp.buf.code_action()
  end
  return steps.pick(title)
end

-- Opens the menu until it offers what begins so, which the server may have to look for first, and picks that.
function steps.insist(title)
  await('the offer of ' .. title, function()
    for _, each in ipairs(steps.choose('')) do
      if vim.startswith(each, title) then
        return true
      end
    end
  end)
  return steps.choose(title)
end

-- Waits until a list is shown, and picks the first line that begins so (none: ''). Returns all lines.
function steps.pick(start)
  await('a list', function()
    return lists[1]
  end)
  local list, place = table.remove(lists, 1), nil
  for i = #list.titles, 1, -1 do
    place = start ~= '' and vim.startswith(list.titles[i], start) and i or place
  end
  list.done(list.items[place], place)
  settle()
  return list.titles
end

-- Waits until the user is asked for words, and types these (none: ''). Returns the question.
function steps.type(words)
  await('a question', function()
    return questions[1]
  end)
  local question = table.remove(questions, 1)
  question.done(words ~= '' and words or nil)
  settle()
  return question.prompt
end

-- A tool of the user's says something of a line, or, without a message, nothing any more.
function steps.diagnose(line, first, last, message, source, code)
  local said = {}
  if message then
    said = { { lnum = line - 1, col = first - 1, end_col = last - 1, message = message, source = source, code = code } }
  end
  vim.diagnostic.set(theirs, 0, said)
end

-- Waits until codefare found so many things in the buffer, and returns them, each with its line.
function steps.found(count)
  local found
  await(count .. ' findings', function()
    found = vim.tbl_filter(function(one)
      return one.source == 'codefare'
    end, vim.diagnostic.get(0))
    return #found == count
  end)
  return vim.tbl_map(function(one)
    return ('%d: %s'):format(one.lnum + 1, one.message)
  end, found)
end

-- Types at the end of a line; still in insert mode, lets the model answer, and sees whether a list is shown when the job
-- has ended. Returns how many there were.
function steps.insert(line, words)
  local shown
  local function meanwhile()
    steps.go()
    steps.status('')
    vim.wait(300, function()
      return lists[1] -- which must not come, so that there is nothing else to wait for
    end)
    shown = #lists
  end
  vim.api.nvim_win_set_cursor(0, { line, 0 })
  local ok, err
  vim.defer_fn(function()
    ok, err = pcall(meanwhile)
    vim.api.nvim_input('<Esc>')
  end, 50)
  vim.api.nvim_feedkeys('A' .. words, 'nx!', false)
  assert(ok, err)
  return shown
end

-- Lets the model that listens on the port MODEL answer.
function steps.go()
  vim.fn.chansend(vim.fn.sockconnect('tcp', '127.0.0.1:' .. vim.env.MODEL), 'GET /go HTTP/1.0\r\n\r\n')
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

-- The names of the files that are shown, without their folders; the one with the cursor is marked.
function steps.windows()
  return vim.tbl_map(function(window)
    local name = vim.fs.basename(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(window)))
    return window == vim.api.nvim_get_current_win() and name .. ' *' or name
  end, vim.api.nvim_tabpage_list_wins(0))
end

-- Runs a command, and is in insert mode when a second window opens. Returns what the windows show.
function steps.typing(command)
  local windows
  local function meanwhile()
    vim.cmd(command)
    await('a window', function()
      windows = steps.windows()
      return #windows == 2
    end)
  end
  local ok, err
  vim.defer_fn(function()
    ok, err = pcall(meanwhile)
    vim.api.nvim_input('<Esc>')
  end, 50)
  vim.api.nvim_feedkeys('A', 'nx!', false)
  assert(ok, err)
  return windows
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

-- Shows in each window's status line what runs.
function steps.statusline()
  vim.o.laststatus, vim.o.statusline = 2, "%{v:lua.require'codefare.status'.text()}"
end

-- Waits until a status line begins so on the screen, or, without words, until all are empty.
function steps.lines(words)
  await('the status lines ' .. words, function()
    local all = ''
    for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
      local row = vim.fn.win_screenpos(window)[1] + vim.api.nvim_win_get_height(window)
      for column = 1, math.max(#words, 1) do
        all = all .. vim.fn.screenstring(row, column)
      end
    end
    return words == '' and vim.trim(all) == '' or words ~= '' and vim.startswith(all, words)
  end)
end

-- Waits until the user was told something with this part.
function steps.told(part)
  await('the message ' .. part, function()
    return table.concat(messages, '\n'):find(part, 1, true)
  end)
end

-- Waits until Neovim itself has said something with this part.
function steps.said(part)
  await('the message of Neovim ' .. part, function()
    return vim.fn.execute('messages'):find(part, 1, true)
  end)
end

-- Plays the steps of one scene.
local function play(scene)
  local results = {}
  messages, lists, questions = {}, {}, {}
  local ok, err = xpcall(function()
    for _, step in ipairs(scene) do
      results[#results + 1] = steps[step[1]](unpack(step, 2))
    end
  end, debug.traceback)
  return { results = results, messages = messages, error = not ok and err or nil }
end

local function main()
  vim.cmd('filetype on')
  vim.opt.runtimepath:append(vim.env.CLIENT)
  vim.cmd.runtime('plugin/codefare.lua')
  vim.notify = function(message)
    table.insert(messages, message)
  end
  vim.lsp.handlers['window/showMessage'] = function(_, params)
    table.insert(messages, params.message)
  end
  vim.ui.select = function(items, options, done)
    table.insert(lists, { items = items, titles = vim.tbl_map(options.format_item or tostring, items), done = done })
  end
  vim.ui.input = function(options, done)
    table.insert(questions, { prompt = options.prompt, done = done })
  end
  vim.lsp.enable('codefare')
  local played = vim.tbl_map(play, vim.json.decode(table.concat(vim.fn.readfile(vim.env.SCENES), '\n')))
  io.stdout:write(vim.json.encode(played), '\n')
  vim.cmd('qall!')
end

vim.api.nvim_create_autocmd('VimEnter', {
  callback = vim.schedule_wrap(function()
    local ok, err = xpcall(main, debug.traceback)
    if not ok then
      io.stderr:write(err, '\n')
      vim.cmd('cquit!')
    end
  end),
})
