-- caplint usage request postgres: reads the catalog and the statistics views, and nothing else.
set default_transaction_read_only = on;
set statement_timeout = '30s';
set standard_conforming_strings = on;
with wanted(subject, schema, name) as (values
  $wanted),
found as (
  select w.subject, (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = w.name and c.relkind in ('r','p','m')
      and (n.nspname = w.schema or w.schema is null and pg_table_is_visible(c.oid))) as root
  from wanted w where w.subject is not null),
leaves as (
  select f.subject, t.relid as oid from found f, lateral pg_partition_tree(f.root) t where t.isleaf
  union all select f.subject, f.root from found f where f.root is not null
    and not exists (select 1 from pg_partition_tree(f.root))),
sizes as (
  select l.subject, count(*)::numeric as partitions, sum(pg_total_relation_size(l.oid))::numeric as bytes,
    case when bool_and(c.reltuples >= 0) then sum(c.reltuples)::numeric end as live,
    sum(s.n_tup_ins)::numeric as inserted,
    max((select count(*) from pg_index i where i.indrelid = l.oid and i.indislive))::numeric as indexes
  from leaves l join pg_class c on c.oid = l.oid left join pg_stat_all_tables s on s.relid = l.oid group by 1)
select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as date, f.subject, u.unit, u.quantity
from found f left join sizes z using (subject), lateral (values
  ('bytes', z.bytes), ('rows-live', z.live), ('indexes', z.indexes), ('partitions', z.partitions),
  ('rows-total', z.inserted), ('missing', case when f.root is null then 1::numeric end),
  ('never-analyzed', case when f.root is not null and z.live is null then 1::numeric end)) u(unit, quantity)
where u.quantity is not null
union all
select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), $database, 'bytes', pg_database_size(current_database())::numeric
order by 2, 3;
