import type { JSX } from "preact";
import { api } from "../../data/api.ts";
import { atBase } from "../../data/base.ts";
import type { Artifact, Definitions, RunDetail } from "../../data/types.ts";
import { formatBytes, formatNumber, numberOf } from "../../model/format.ts";
import { oneLine } from "../../model/safe_text.ts";
import { Empty, Failure, Loading } from "../../part/notice.tsx";
import { Lineage } from "./lineage.tsx";
import { useFetched } from "./use_detail.ts";
import { keyScrolled } from "../../part/key_scrolled.ts";

/** The files that the run left, and how they hang together with those of other runs. */
export function Artifacts({ run }: { run: RunDetail }): JSX.Element {
  return (
    <>
      <Files run={run} />
      <Lineage run={run} />
    </>
  );
}

/** The files that the run left, by name and version. */
function Files({ run }: { run: RunDetail }): JSX.Element {
  const { value, failure } = useFetched(() => api.artifacts(run.id), `${run.id} ${run.artifacts}`);
  if (failure) return <Failure error={failure} />;
  if (!value) return <Loading what="artifacts" />;
  if (value.artifacts.length === 0)
    return (
      <Empty title="No artifacts">
        <p>
          Checkpoints of Burn and of <code>hooks.checkpoint(..)</code> stand here by themselves; other files with{" "}
          <code>run.log_artifact(..)</code>.
        </p>
      </Empty>
    );
  const newest = [...value.artifacts].reverse();
  return (
    <div ref={keyScrolled} class="card scroll-box">
      <table class="plain-table middle">
        <thead>
          <tr>
            {["name", "version", "type", "size", "step", "values", "SHA-256"].map((title) => (
              <th key={title} scope="col" class={title === "size" || title === "step" ? "number" : ""}>
                {title}
              </th>
            ))}
            <th scope="col">
              <span class="visually-hidden">file</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {newest.map((artifact, index) => (
            <Row key={index} artifact={artifact} definitions={run.definitions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ artifact, definitions }: { artifact: Artifact; definitions: Definitions }): JSX.Element {
  const values = Object.entries(artifact.metrics).map(
    ([metric, value]) => `${metric} ${formatNumber(numberOf(value) ?? NaN, definitions[metric]?.unit)}`,
  );
  return (
    <tr data-artifact={artifact.name} data-deleted={artifact.deleted}>
      <th scope="row" class="clip">
        {oneLine(artifact.name)}
      </th>
      <td>
        <span class="row">
          {oneLine(artifact.version ?? "")}
          {artifact.aliases.map((alias) => (
            <span key={alias} class="tag">
              {oneLine(alias)}
            </span>
          ))}
        </span>
      </td>
      <td>{oneLine(artifact.type ?? "")}</td>
      <td class="number">{artifact.bytes === null ? "" : formatBytes(artifact.bytes)}</td>
      <td class="number">{artifact.step}</td>
      <td class="clip">{oneLine(values.join(", "))}</td>
      <td class="mono muted" title={artifact.sha256 ?? ""}>
        {artifact.sha256?.slice(0, 12)}
      </td>
      <td>
        {artifact.deleted ? (
          <span class="muted">deleted</span>
        ) : artifact.content ? (
          <a
            class="button small"
            href={atBase(artifact.content)}
            aria-label={`Download ${oneLine(artifact.name)} ${oneLine(artifact.version ?? "")}`}
            download
            data-action="download"
          >
            Download
          </a>
        ) : (
          <span class="muted" title="The file is gone, cannot be read, or lies outside the run's own folder">
            not here
          </span>
        )}
      </td>
    </tr>
  );
}
