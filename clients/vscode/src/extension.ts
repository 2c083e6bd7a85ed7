// Starts the codefare language server and shows its state. Menus, prices and texts come from the server.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  DidChangeConfigurationNotification,
  type HandleWorkDoneProgressSignature,
  LanguageClient,
  type ProgressToken,
  State,
} from 'vscode-languageclient/node';

type Progress = Parameters<HandleWorkDoneProgressSignature>[1];
type Failure = NodeJS.ErrnoException & { stderr?: string };

// Commands of the palette, and those of the server that they send what is selected to.
const ACTIONS: Record<string, [string, { ask?: true; scope?: string }]> = {
  'codefare.ask': ['codefare.research', { ask: true }],
  'codefare.refactorAsked': ['codefare.refactor', { ask: true }],
  'codefare.generateAsked': ['codefare.generate', { ask: true }],
  'codefare.describe': ['codefare.architecture', { scope: 'folder' }],
  'codefare.reviewChanges': ['codefare.review', { scope: 'diff' }],
  'codefare.more': ['codefare.choose', {}],
};

let codefare: Codefare | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  codefare = new Codefare();
  context.subscriptions.push(
    codefare.status,
    codefare.log,
    vscode.commands.registerCommand('codefare.restart', () => codefare?.restart()),
    vscode.commands.registerCommand('codefare.log', () => codefare?.log.show()),
    ...Object.entries(ACTIONS).map(([name, action]) => vscode.commands.registerCommand(name, () => codefare?.run(...action))),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => codefare?.share(uris)),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => codefare?.share([uri])),
    vscode.workspace.onDidChangeConfiguration((change) => codefare?.configure(change)),
  );
  await codefare.start();
}

export async function deactivate(): Promise<void> {
  await codefare?.stop();
}

/** What the user set, under the server's own names; what is null is left to the server. */
function settings(): object {
  const { command: _, ...all } = vscode.workspace.getConfiguration('codefare');
  const isSet = (value: unknown) => value !== null && JSON.stringify(value) !== '{}';
  return JSON.parse(JSON.stringify(all), (_, value) => (isSet(value) ? value : undefined)) ?? {};
}

class Codefare {
  readonly log = vscode.window.createOutputChannel('Codefare', { log: true });
  readonly status = vscode.window.createStatusBarItem('codefare', vscode.StatusBarAlignment.Right, 100);
  private readonly jobs = new Map<ProgressToken, { title: string; text: string }>();
  private client: LanguageClient | undefined;

  constructor() {
    this.status.name = 'Codefare';
    this.show();
    this.status.show();
  }

  async start(): Promise<void> {
    const command = vscode.workspace.getConfiguration('codefare').get('command', 'codefare');
    try {
      const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: 20_000 });
      this.log.info(`${stdout.trim()}: ${command}`);
    } catch (error) {
      return void this.explain(command, error as Failure);
    }
    this.client = new LanguageClient(
      'codefare',
      'Codefare',
      { command, args: ['serve'] },
      {
        documentSelector: [{ scheme: 'file' }],
        initializationOptions: settings(),
        outputChannel: this.log,
        middleware: {
          handleWorkDoneProgress: this.follow.bind(this),
          window: {
            // A report, which is Markdown outside the workspace, is read as a page beside the code.
            showDocument: async (params, token, next) => {
              const file = vscode.Uri.parse(params.uri);
              const report = file.path.endsWith('.md') && !vscode.workspace.getWorkspaceFolder(file);
              if (!report) return next(params, token);
              await vscode.commands.executeCommand('markdown.showPreviewToSide', file);
              return { success: true };
            },
          },
        },
      },
    );
    this.client.registerFeature({
      fillClientCapabilities: (all) => void (all.experimental = { codefare: { dialogs: true } }),
      getState: () => ({ kind: 'static' }),
      initialize() {},
      clear() {},
    });
    this.client.onRequest('codefare/pick', async ({ title, items }: { title: string; items: string[] }) => {
      const picked = await vscode.window.showQuickPick(items, { title });
      return picked === undefined ? null : { index: items.indexOf(picked) };
    });
    this.client.onRequest('codefare/words', async ({ title }: { title: string }) => {
      const text = await vscode.window.showInputBox({ title, ignoreFocusOut: true });
      return text === undefined ? null : { text };
    });
    this.client.onDidChangeState(() => {
      this.jobs.clear(); // a server that went away cannot say that its jobs ended
      this.show();
    });
    await this.client.start();
    await this.share(vscode.workspace.textDocuments.map(({ uri }) => uri));
  }

  async stop(): Promise<void> {
    await this.client?.dispose();
    this.client = undefined;
    this.show();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async configure(change: vscode.ConfigurationChangeEvent): Promise<void> {
    if (change.affectsConfiguration('codefare.command')) {
      await this.restart();
    } else if (change.affectsConfiguration('codefare') && this.client?.state === State.Running) {
      await this.client.sendNotification(DidChangeConfigurationNotification.type, {
        settings: { codefare: settings() },
      });
    }
  }

  /** Has the server do something with what is selected. */
  async run(command: string, more: { scope?: string }): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !this.client) return;
    const { code2ProtocolConverter: convert } = this.client;
    const { uri } = (more.scope && vscode.workspace.getWorkspaceFolder(editor.document.uri)) || editor.document;
    const place = { uri: convert.asUri(uri), range: convert.asRange(editor.selection) };
    await vscode.commands.executeCommand(command, { ...place, ...more });
  }

  /** Tells the server what others found in these documents: it says whether a fix was one. */
  async share(uris: readonly vscode.Uri[]): Promise<void> {
    if (this.client?.state !== State.Running) return;
    const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
    for (const uri of uris.filter((each) => each.scheme === 'file' && open.has(each.toString()))) {
      const others = vscode.languages.getDiagnostics(uri).filter(({ source }) => source !== 'codefare');
      const { code2ProtocolConverter: convert } = this.client;
      const diagnostics = await convert.asDiagnostics(others.slice(0, 200));
      await this.client?.sendNotification('codefare/diagnostics', { uri: convert.asUri(uri), diagnostics });
    }
  }

  /** The program is missing or does not run: say so, with what to do. */
  private async explain(command: string, error: Failure): Promise<void> {
    this.log.error(`${command} --version: ${error.stderr || error.message}`);
    const message =
      error.code === 'ENOENT'
        ? `The program '${command}' was not found. Install codefare so that it is on your PATH, or set its full path.`
        : `'${command}' did not start; the log says why. Install codefare anew, or set another path.`;
    const picked = await vscode.window.showErrorMessage(message, 'Open Settings', 'Try Again');
    if (picked === 'Open Settings') await vscode.commands.executeCommand('workbench.action.openSettings', 'codefare.command');
    if (picked === 'Try Again') await this.restart();
  }

  /** Progress goes to our own status item, where a click cancels; the client library's has no way to. */
  private follow(token: ProgressToken, progress: Progress, next: HandleWorkDoneProgressSignature): void {
    if (progress.kind === 'end') {
      this.jobs.delete(token);
      next(token, progress); // so that the library forgets the token
    } else {
      const title = progress.kind === 'begin' ? progress.title : (this.jobs.get(token)?.title ?? '');
      this.jobs.set(token, { title, text: progress.message ?? title });
    }
    this.show();
  }

  private show(): void {
    const jobs = [...this.jobs.values()];
    const busy = jobs.length > 0;
    const up = this.client?.state === State.Running || this.client?.state === State.Starting;
    const text = busy ? jobs.map((job) => job.text).join(', ') : 'Codefare';
    this.status.text = `${busy ? '$(sync~spin)' : up ? '$(sparkle)' : '$(warning)'} ${text}`;
    const titles = jobs.map((job) => job.title).join(', ');
    this.status.tooltip = busy ? `${titles}. Click to cancel` : up ? 'Show the log' : 'Not running. Click to start';
    this.status.command = busy ? 'codefare.cancel' : up ? 'codefare.log' : 'codefare.restart';
    void vscode.commands.executeCommand('setContext', 'codefare.running', busy);
    void vscode.commands.executeCommand('setContext', 'codefare.up', this.client?.state === State.Running);
  }
}
