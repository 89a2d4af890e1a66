"""The lots of each job's labels in short, as new jobs keep them: "SN-001 (+19)"."""

LOTS = """
UPDATE label_print_job
   SET lot_display = lots.name || CASE WHEN lots.number > 1 THEN format(' (+%s)', lots.number - 1) ELSE '' END
  FROM (
    SELECT id, (array_agg(name ORDER BY place))[1] AS name, count(DISTINCT name) AS number
      FROM (
        SELECT job.id, label.place, label.entry ->> 'lot_number' AS name
          FROM label_print_job job
               CROSS JOIN LATERAL jsonb_array_elements(
                   CASE jsonb_typeof(job.labels_data) WHEN 'array' THEN job.labels_data ELSE '[]' END
               ) WITH ORDINALITY label(entry, place)
         WHERE jsonb_typeof(label.entry) = 'object'
           AND coalesce(label.entry ->> 'lot_number', '') NOT IN ('', '0', 'false')
      ) names
     GROUP BY id
  ) lots
 WHERE lots.id = label_print_job.id
"""


def migrate(cr, version):
    cr.execute(LOTS)
