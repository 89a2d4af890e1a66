"""Link the jobs of the first release to the lots of their labels, which it knew by name alone.

As for new jobs: a lot of the job's product, or of another product of its order; without either, where a name has one
lot only.
"""

LOTS = """
INSERT INTO label_print_job_lot_rel (job_id, lot_id)
SELECT job.id, lot.id
  FROM label_print_job job
       CROSS JOIN LATERAL (
           SELECT DISTINCT lot_number #>> '{}' AS name
             FROM jsonb_path_query(job.labels_data, '$[*].lot_number') lot_number
       ) label
       JOIN stock_lot lot ON lot.name = label.name AND coalesce(lot.company_id, job.company_id) = job.company_id
 WHERE lot.product_id = job.product_id
    OR EXISTS (SELECT FROM stock_move move WHERE move.production_id = job.mo_id AND move.product_id = lot.product_id)
    OR (job.product_id IS NULL AND job.mo_id IS NULL
        AND NOT EXISTS (SELECT FROM stock_lot other WHERE other.name = lot.name AND other.id <> lot.id
                           AND coalesce(other.company_id, job.company_id) = job.company_id))
ON CONFLICT DO NOTHING
"""


def migrate(cr, version):
    cr.execute(LOTS)
