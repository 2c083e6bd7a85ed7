// Packs out/extension.js into out/codefare.vsix: a zip with a manifest (Open Packaging Conventions) and the extension.
// Done here because the usual tool for it pulls in a signing component that is not free software.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';

const here = new URL('./', import.meta.url);
const read = (path) => readFileSync(new URL(path, here));
const extension = JSON.parse(read('package.json'));
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const manifest = `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${extension.name}" Version="${extension.version}" Publisher="${extension.publisher}"/>
    <DisplayName>${escape(extension.displayName)}</DisplayName>
    <Description xml:space="preserve">${escape(extension.description)}</Description>
    <Tags>${escape(extension.keywords.join(','))}</Tags>
    <Categories>${escape(extension.categories.join(','))}</Categories>
    <License>extension/LICENSE.txt</License>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escape(extension.engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="${extension.extensionKind.join(',')}"/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;

const types = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="js" ContentType="application/javascript"/>
  <Default Extension="json" ContentType="application/json"/>
  <Default Extension="md" ContentType="text/markdown"/>
  <Default Extension="txt" ContentType="text/plain"/>
  <Default Extension="vsixmanifest" ContentType="text/xml"/>
</Types>
`;

// The bundle holds other people's code, whose licences want to be passed on with it.
const inputs = Object.keys(JSON.parse(read('out/meta.json')).inputs);
const bundled = new Set(inputs.flatMap((path) => path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
const notices = [...bundled].sort().map((folder) => {
  const { name, version, license } = JSON.parse(read(`${folder}/package.json`));
  const file = readdirSync(new URL(folder, here)).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file ? read(`${folder}/${file}`) : ''}`;
});

const files = {
  'extension.vsixmanifest': strToU8(manifest),
  '[Content_Types].xml': strToU8(types),
  'extension/package.json': read('package.json'),
  'extension/README.md': read('README.md'),
  'extension/LICENSE.txt': read('../../LICENSE'),
  'extension/THIRD-PARTY.txt': strToU8(notices.join(`\n${'-'.repeat(80)}\n\n`)),
  'extension/out/extension.js': read('out/extension.js'),
};
// One fixed date, so that the same source gives the same bytes (midday: a zip keeps local time).
const vsix = zipSync(files, { level: 9, mtime: '1980-01-02T12:00:00' });
writeFileSync(new URL('out/codefare.vsix', here), vsix);
console.log(`${fileURLToPath(new URL('out/codefare.vsix', here))} (${Math.ceil(vsix.length / 1024)} KiB)`);
