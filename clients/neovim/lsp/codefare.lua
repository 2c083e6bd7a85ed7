-- How Neovim 0.11 and later starts codefare: put this folder on the runtimepath, then vim.lsp.enable('codefare').

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
}
