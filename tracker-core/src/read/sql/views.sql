-- Views over a store of tracker, for DuckDB 1.4 or newer. Written by `tracker sql`; docs/sql.md says what is in them.
-- They read the store's files whenever they are asked, so runs that come later are seen, too. A step is whole from 0 to 2^64 - 1.

-- One row a run, as `tracker ls` has it. A run whose process died without a word is still `running` here.
CREATE OR REPLACE VIEW runs AS
WITH files AS (
    SELECT parse_path(filename)[-2] AS run, parse_path(filename)[-3] AS project,
           TRY_CAST(TRY(decode(content)) AS JSON) AS file
    FROM read_blob('{root}/*/*/run.json')
    WHERE NOT starts_with(project, '.') AND regexp_full_match(run, '[0-9A-Z]{26}')
), lines AS (
    SELECT filename, unnest(string_split(TRY(decode(content)), chr(10))) AS line,
           generate_subscripts(string_split(TRY(decode(content)), chr(10)), 1) AS place
    FROM read_blob('{root}/*/*/edits.jsonl')
), edits AS (
    SELECT parse_path(filename)[-2] AS run, parse_path(filename)[-3] AS project,
           arg_max(edit->>'name', place) FILTER (edit->>'name' IS NOT NULL) AS name,
           arg_max(edit->>'group', place) FILTER (edit->>'group' IS NOT NULL) AS "group",
           arg_max(edit->>'notes', place) FILTER (edit->>'notes' IS NOT NULL) AS notes,
           arg_max(edit->'tags', place) FILTER (json_type(edit->'tags') = 'ARRAY') AS tags
    FROM (SELECT filename, place, TRY_CAST(line AS JSON) AS edit FROM lines)
    GROUP BY ALL
)
SELECT f.run, f.project, coalesce(e.name, file->>'name', f.run) AS name,
       nullif(coalesce(e."group", file->>'group'), '') AS "group",
       file->>'state' AS state, coalesce(file->>'message', file->>'conclusion') AS message,
       TRY_CAST(file->>'started_at' AS TIMESTAMPTZ) AS started_at,
       TRY_CAST(file->>'finished_at' AS TIMESTAMPTZ) AS finished_at,
       nullif(coalesce(e.notes, file->>'notes'), '') AS notes,
       TRY_CAST(coalesce(e.tags, file->'tags', '[]') AS VARCHAR[]) AS tags,
       file->'config' AS config, file->'definitions' AS definitions, file->'provenance' AS provenance,
       file->'about' AS about, file->'parent' AS parent, file->'resumes' AS resumes
FROM files f LEFT JOIN edits e USING (project, run);

-- One row a setting: the leaves of the config.
CREATE OR REPLACE VIEW config AS
SELECT run, project, regexp_replace(t.fullkey, '^\$\.?', '') AS path, t.atom->>'$' AS value,
       TRY_CAST(t.atom->>'$' AS DOUBLE) AS number, t.type
FROM runs, json_tree(config) t
WHERE config IS NOT NULL AND t.type NOT IN ('OBJECT', 'ARRAY');

-- One row a logged point, without those that a resumed training took back; of a fork, its own alone. What is computed here of each
-- of many points is computed of numbers: texts would cost ten times as much.
CREATE OR REPLACE VIEW points AS
WITH cuts AS (
    SELECT run, regexp_extract(writer, '^r(\d+)a', 1)::BIGINT * 65536 + regexp_extract(writer, 'a(\d+)$', 1)::BIGINT AS writer,
           min(after_step) AS cut
    FROM (
        SELECT run, unnest(TRY_CAST(resume->'supersedes' AS VARCHAR[])) AS writer, TRY_CAST(resume->>'after_step' AS UBIGINT) AS after_step
        FROM (SELECT run, unnest(TRY_CAST(resumes AS JSON[])) AS resume FROM runs)
    )
    WHERE regexp_full_match(writer, 'r\d{1,5}a\d{1,5}')
    GROUP BY ALL
), limits AS (
    SELECT map(list(hash(run, writer)), list(cut)) AS by_writer FROM cuts
), sealed AS (
    SELECT parse_path(file)[-3] AS run,
           regexp_extract(file, 'r(\d+)a\d+-\d+-\d+\.parquet$', 1)::BIGINT * 65536
               + regexp_extract(file, 'a(\d+)-\d+-\d+\.parquet$', 1)::BIGINT AS writer,
           max(regexp_extract(file, '(\d+)\.parquet$', 1)::UBIGINT) AS last
    FROM glob('{root}/*/*/scalars/r*a*-*-*.parquet')
    WHERE regexp_full_match(parse_path(file)[-1], 'r\d{1,5}a\d{1,5}-\d{1,18}-\d{1,18}\.parquet')
    GROUP BY ALL
), living AS (
    SELECT l.run, l.key, l.step, l.time, l.value, l.writer, l.seq
    FROM read_parquet('{root}/.sql/live/*.parquet') l
    SEMI JOIN runs r ON r.run = l.run
    LEFT JOIN sealed s ON s.run = l.run AND s.writer = l.writer::BIGINT & 4294967295
    WHERE s.last IS NULL OR l.seq > s.last
), stored AS (
    SELECT run, key, step, time, value, writer, seq
    FROM read_parquet('{root}/*/*/scalars/r*a*-*-*.parquet', filename = true)
    WHERE NOT starts_with(parse_path(filename)[-4], '.') AND regexp_full_match(parse_path(filename)[-3], '[0-9A-Z]{26}')
    UNION ALL FROM living
), unsigned AS (
    SELECT run, key AS metric,
           CASE WHEN step < 0 THEN 9223372036854775808::UBIGINT + (step & 9223372036854775807)::UBIGINT ELSE step::UBIGINT END AS step,
           time, value, writer::BIGINT & 4294967295 AS writer, seq
    FROM stored
)
SELECT p.run, p.metric, p.step, p.time, p.value,
       (p.writer >> 16)::USMALLINT AS rank, (p.writer & 65535)::USMALLINT AS attempt, p.seq::UBIGINT AS seq
FROM unsigned p, limits l -- One row: a join with `cuts` would cost more for each of many points.
WHERE coalesce(p.step <= l.by_writer[hash(p.run, p.writer)], true) OR starts_with(p.metric, 'system/');

-- One row a metric of a run: its points in short. Asked without a run, it reads all points.
CREATE OR REPLACE VIEW summaries AS
SELECT run, metric, arg_max(value, (step, attempt, seq, rank)) AS last, max(step) AS step,
       min(value) FILTER (isfinite(value)) AS min, max(value) FILTER (isfinite(value)) AS max, count(*)::UBIGINT AS count
FROM points GROUP BY ALL;

-- One row for what is no number: texts, histograms, media, alerts, artifacts, what was used, knobs. `event` has all of it.
CREATE OR REPLACE VIEW events AS
SELECT parse_path(filename)[-2] AS run, parse_path(filename)[-3] AS project,
       TRY_CAST(json->>'time' AS TIMESTAMPTZ) AS time, json->>'kind' AS kind,
       json->>'name' AS name, TRY_CAST(json->>'step' AS UBIGINT) AS step,
       regexp_extract(filename, 'events-(r\d+a\d+)\.jsonl$', 1) AS writer, json AS event
FROM read_json_objects('{root}/*/*/events-*.jsonl', filename = true, ignore_errors = true, format = 'newline_delimited')
WHERE json IS NOT NULL AND NOT starts_with(project, '.') AND regexp_full_match(run, '[0-9A-Z]{26}');

-- One row an alert.
CREATE OR REPLACE VIEW alerts AS
SELECT run, project, time, event->>'level' AS level, event->>'rule' AS rule, event->>'metric' AS metric, step,
       TRY_CAST(event->>'value' AS DOUBLE) AS value, event->>'text' AS text, event->>'hint' AS hint
FROM events WHERE kind = 'alert';

-- One row a table that was logged as media. `file` is what read_parquet takes.
CREATE OR REPLACE VIEW tables AS
SELECT run, project, name, step, time, place, TRY_CAST(item->>'rows' AS UBIGINT) AS rows, TRY_CAST(item->>'columns' AS UBIGINT) AS columns,
       '{root}/' || regexp_replace(project || '/' || run, '([*?\[])', '[\1]', 'g') || '/media/' || (item->>'sha256')[1:2] || '/'
           || (item->>'sha256') || '.parquet' AS file
FROM (
    SELECT run, project, name, step, time, unnest(items) AS item, generate_subscripts(items, 1) AS place
    FROM (SELECT *, TRY_CAST(event->'items' AS JSON[]) AS items FROM events WHERE kind = 'media')
)
WHERE item->>'type' = 'table' AND regexp_full_match(item->>'sha256', '[0-9a-f]{64}');
