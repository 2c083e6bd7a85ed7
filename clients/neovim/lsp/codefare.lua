-- How Neovim 0.11 and later starts codefare: put this folder on the runtimepath, then vim.lsp.enable('codefare').

local dialogs = require('codefare.dialogs')
local reports = require('codefare.reports')

return {
  cmd = { 'codefare', 'serve' },
  -- Files of other types work too, with a selection or as a whole: name yours with
  -- vim.lsp.config('codefare', { filetypes = { ... } }).
  filetypes = {
    'c',
    'cpp',
    'cs',
    'go',
    'java',
    'javascript',
    'javascriptreact',
    'php',
    'python',
    'ruby',
    'rust',
    'typescript',
    'typescriptreact',
  },
  root_markers = { '.git', '.hg', '.jj' },
  -- The keys an editor may set are listed in README.md; all else belongs in codefare's own config.toml.
  settings = { codefare = vim.empty_dict() },
  before_init = function(params, config)
    params.initializationOptions = config.settings.codefare
  end,
  capabilities = { experimental = { codefare = { dialogs = true } } },
  handlers = {
    ['codefare/pick'] = dialogs.pick,
    ['codefare/words'] = dialogs.words,
    ['window/showDocument'] = reports.show,
    -- Neovim drops an edit of a text that has changed since but says it did not. The server must hear of it: it has the
    -- answer, and finds the place anew. (A text that was never typed in has version 0, which Neovim would take for "any";
    -- the server then sends 1.)
    ['workspace/applyEdit'] = function(err, params, ctx)
      for _, change in ipairs(params.edit.documentChanges or {}) do
        local version = vim.tbl_get(change, 'textDocument', 'version')
        local buffer = version and vim.uri_to_bufnr(change.textDocument.uri)
        if type(version) == 'number' and vim.lsp.util.buf_versions[buffer] > version then
          return { applied = false, failureReason = 'the text has changed' }
        end
      end
      return vim.lsp.handlers['workspace/applyEdit'](err, params, ctx)
    end,
  },
}
