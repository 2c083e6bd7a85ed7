-- The user commands. The code behind them is loaded when it is first needed.

if vim.g.loaded_codefare then
  return
end
vim.g.loaded_codefare = true

local command, on = vim.api.nvim_create_user_command, vim.api.nvim_create_autocmd

local function lines(args)
  return args.range > 0 and { first = args.line1, last = args.line2 } or nil
end

command('Codefare', function(args)
  require('codefare.actions').menu(args.args, lines(args))
end, { nargs = '?', range = true, desc = "codefare's actions here, or the one whose title begins so" })

command('CodefareAsk', function(args)
  local action, words = args.args:match('^(%S+)%s*(.*)$')
  require('codefare.actions').ask(action, words, lines(args))
end, { nargs = '+', range = true, desc = 'An action of codefare by its name, with your own words' })

command('CodefareQuote', function()
  vim.lsp.buf.hover()
end, { desc = 'What each action would cost here' })

command('CodefareCancel', function()
  require('codefare.actions').cancel()
end, { desc = 'Cancel what runs' })

command('CodefareUsage', function(args)
  require('codefare.actions').usage(args.fargs)
end, { nargs = '*', desc = 'What was spent: by model, or by what is named, and since when' })

command('CodefareDoctor', function()
  require('codefare.actions').doctor()
end, { desc = 'Look for what is wrong, and what to do about it' })

command('CodefareRestart', function()
  require('codefare.server').restart()
end, { desc = 'Start the server anew' })

command('CodefareLog', function()
  vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
end, { desc = "Neovim's log of language servers, codefare's messages among them" })

on('LspProgress', {
  desc = "Follow codefare's jobs",
  callback = function(args)
    require('codefare.status').on_progress(args.data)
  end,
})
on({ 'DiagnosticChanged', 'LspAttach' }, {
  desc = "Tell codefare what other servers found: it says whether a fix was one",
  callback = function(args)
    require('codefare.diagnostics').share(args.buf)
  end,
})
on('LspDetach', {
  desc = 'Forget jobs that ended with their server',
  callback = function(args)
    require('codefare.status').on_detach(args.data)
  end,
})
