import { Fragment } from "preact";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { parseMarkdown } from "../model/markdown.ts";
import type { Block, Inline } from "../model/markdown.ts";
import { codeLine, UNSEEN } from "../model/safe_text.ts";
import "./markdown.css";

const ALL_UNSEEN = new RegExp(`(?![\\n])[${UNSEEN}]`, "gu");

/** Markdown, whoever wrote it: every word is a text node, and a link leads to the web alone. */
export function Markdown({ text }: { text: string }): JSX.Element {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return <div class="markdown">{blocks.map(shownBlock)}</div>;
}

function shownBlock(block: Block, key: number): JSX.Element {
  switch (block.kind) {
    case "heading":
      return heading(block.level, shownLine(block.children), key);
    case "paragraph":
      return <p key={key}>{shownLine(block.children)}</p>;
    case "code":
      return (
        <pre key={key} tabIndex={0}>
          <code>{block.text.split("\n").map(codeLine).join("\n")}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={key}>{block.children.map(shownBlock)}</blockquote>;
    case "list":
      return list(block, key);
    case "table":
      return table(block, key);
    case "rule":
      return <hr key={key} />;
  }
}

/** The page has its own headings, so those of a text begin below them. */
function heading(level: number, children: JSX.Element[], key: number): JSX.Element {
  if (level === 1) return <h3 key={key}>{children}</h3>;
  if (level === 2) return <h4 key={key}>{children}</h4>;
  return <h5 key={key}>{children}</h5>;
}

function list({ ordered, start, items }: Extract<Block, { kind: "list" }>, key: number): JSX.Element {
  const shown = items.map((item, at) => <li key={at}>{item.map((block, place) => tight(block, item.length, place))}</li>);
  return ordered ? (
    <ol key={key} start={start}>
      {shown}
    </ol>
  ) : (
    <ul key={key}>{shown}</ul>
  );
}

/** The only paragraph of an item is its text. */
function tight(block: Block, of: number, key: number): JSX.Element {
  if (block.kind === "paragraph" && (of === 1 || key === 0)) return <Fragment key={key}>{shownLine(block.children)}</Fragment>;
  return shownBlock(block, key);
}

function table({ head, rows }: Extract<Block, { kind: "table" }>, key: number): JSX.Element {
  return (
    <div key={key} class="markdown-table" tabIndex={0} role="group" aria-label="A table">
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col">
                {shownLine(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              {row.map((cell, at) => (
                <td key={at}>{shownLine(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shownLine(nodes: readonly Inline[]): JSX.Element[] {
  return nodes.map((node, key) => <Fragment key={key}>{shownInline(node)}</Fragment>);
}

function shownInline(node: Inline): JSX.Element | string {
  switch (node.kind) {
    case "text":
      return node.text.replace(ALL_UNSEEN, "");
    case "code":
      return <code>{codeLine(node.text)}</code>;
    case "break":
      return <br />;
    case "strong":
      return <strong>{shownLine(node.children)}</strong>;
    case "emphasis":
      return <em>{shownLine(node.children)}</em>;
    case "struck":
      return <s>{shownLine(node.children)}</s>;
    case "link":
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow" title={node.href}>
          {shownLine(node.children)}
        </a>
      );
  }
}
