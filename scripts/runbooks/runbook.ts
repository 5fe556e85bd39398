/** What a runbook says in code: commands, and names of things. Pure. */

const program = /^(?:[A-Z_]+=\S+ )?(?:npm run|curl|kubectl|helm) /;

interface Code {
  readonly commands: readonly string[];
  /** Everything else, as it stands between its marks. */
  readonly names: readonly string[];
}

/** @param page in Markdown, whose blocks of code hold one command per line, with or without a comment */
export function codeOf(page: string): Code {
  const blocks = [...page.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
  const prose = page.replaceAll(/^```\n.*?^```$/gms, '');
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll('\n', ' '));
  const isCommand = (span: string) => program.test(span);
  return {
    commands: [...blocks.map((line) => line.replace(/\s+# .*$/, '')), ...spans.filter(isCommand)],
    names: spans.filter((span) => !isCommand(span)),
  };
}

/** What its links lead to in the folder of the runbooks: a page, and a chapter of it. */
export function linksOf(page: string): { readonly page: string; readonly anchor: string | undefined }[] {
  return [...page.matchAll(/\]\(([\w-]+\.md)(?:#(\w+))?\)/g)].map(([, name = '', anchor]) => ({ page: name, anchor }));
}
