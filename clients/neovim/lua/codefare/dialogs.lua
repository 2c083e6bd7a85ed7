-- What the server asks the user: to pick a line, or for words. Each is answered later; the editor does not wait.

local M = {}

---Calls `open` once the user is not typing: a dialog would take the keys that are meant for the text.
---@param open fun()
local function unless_typing(open)
  if vim.api.nvim_get_mode().mode:find('^[iRct]') then
    vim.api.nvim_create_autocmd('ModeChanged', {
      once = true,
      callback = vim.schedule_wrap(function()
        unless_typing(open)
      end),
    })
  else
    open()
  end
end

---Opens a dialog, and gives what it hands on in the end. Requests are handled in a coroutine, which sleeps meanwhile.
---@param open fun(done: fun(answer?: table))
---@return table|vim.NIL
local function answered(open)
  local handler = coroutine.running()
  unless_typing(function()
    open(function(answer)
      -- Scheduled: a dialog may be over before this handler sleeps.
      vim.schedule(function()
        coroutine.resume(handler, answer or vim.NIL)
      end)
    end)
  end)
  return coroutine.yield()
end

---The handler of `codefare/pick`.
---@param params { title: string, items: string[] }
function M.pick(_, params)
  return answered(function(done)
    vim.ui.select(params.items, { prompt = params.title, kind = 'codefare' }, function(_, place)
      done(place and { index = place - 1 })
    end)
  end)
end

---The handler of `codefare/words`.
---@param params { title: string }
function M.words(_, params)
  return answered(function(done)
    vim.ui.input({ prompt = params.title .. ' ' }, function(text)
      done(text and { text = text })
    end)
  end)
end

return M
