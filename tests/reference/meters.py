"""The meters of one evaluation."""
import math

from estimates import Est, World
from lines import Ev
from limits import Limits
from model import path
from money import Money
from queues import Queues
from reading import limit_of, num, p_count, p_duration, p_ratio, p_size, p_throughput
from storage import Storage
from values import DAY, V

UNKNOWN = "unknown"


class Meter:
    def __init__(self, segs, kind, unit, demand, limit, detail, per_member, on_disk):
        self.id, self.kind, self.unit = path(*segs), kind, unit
        self.thing = path(*segs[:2])
        self.ask, self.limit, self.detail = demand, limit, detail   # callables
        self.per_member, self.on_disk = per_member, on_disk
        self.asked = None

    def demand(self):
        if self.asked is None:
            self.asked = self.ask()
        return self.asked


class Case(Storage, Queues, Limits, Money):
    """Meters of one evaluation: today, a horizon, a scenario, or today at k. `today` is the case of
    today that the others look back to, None for itself."""

    def __init__(self, model, world, day=0, k=1.0, scen=None, H=None, today=None):
        self.m = model
        self.w = world
        self.scen = scen
        self.is_horizon = H is not None
        self.H = model.horizon if H is None else H
        self.ev = Ev(model, world, day, k, scen)
        self.today = today
        self.mode = "max" if scen is not None else "now"
        self.when = "scenario" if scen is not None else "today"
        self._series = self._point = None

    @property
    def point_ev(self):
        if self.w.n == 0:
            return self.ev
        if self._point is None:
            self._point = Ev(self.m, World(0), self.ev.day, self.ev.k, self.scen)
        return self._point

    def meters(self, only=None):
        """all, or those of the thing whose meter `only` is"""
        out = []

        def things(section):
            for name, body in self.m.doc.get(section, {}).items():
                if only is None or only.startswith(("budgets.", path(section, name) + ".")):
                    yield name, body

        def add(*segs, kind, unit, demand, limit=None, detail=None, per_member=False, on_disk=None):
            ask = limit if callable(limit) else lambda: limit
            out.append(Meter(segs, kind, unit, demand, ask, detail, per_member, on_disk))

        for a, _ in things("apis"):
            self.credit_meters(a, add)
            self.api_meters(a, add)
        for d, _ in things("databases"):
            self.database_meters(d, add)
        for t, tb in things("tables"):
            add("tables", t, "storage", kind="storage", unit="bytes", demand=lambda t=t: self.table_bytes(t),
                limit=limit_of(tb.get("max_size"), self.mode, p_size), detail=self.table_detail(t), on_disk=lambda t=t: self.table_now(t))
        for q, _ in things("queues"):
            self.queue_meters(q, add)
        for n, md in things("models"):
            if "price" in md or md.get("budget", "none") != "none":
                add("models", n, "spend", kind="spend", unit="money/month", demand=lambda n=n: self.model_spend(n),
                    limit=self.budget(md.get("budget")))
            self.model_meters(n, add)
        self.costs_and_budgets(add, out)
        return sorted(out, key=lambda x: x.id)

    def credit_meters(self, a, add):
        m, api = self.m, self.m.doc["apis"][a]
        plan, packs = api.get("plan"), api.get("packs") or []
        if self.ev.api_lines(a) or plan is not None:
            lim = limit_of(plan.get("credits"), self.mode, num) if plan is not None else None
            if "overage" in api:
                lim = None
            elif packs and self.scen is not None:
                if any("max" not in p for p in packs):
                    lim = None
                else:
                    lim = (lim or 0.0) + sum(num(p["credits"]) * num(p["max"]) for p in packs)

            def detail(dem, lim):
                d = {"soft_on_day": None, "hard_on_day": None, "empties_on_day": None}
                if lim is not None and dem > 0:
                    for n, s in (("soft_on_day", m.soft), ("hard_on_day", m.hard), ("empties_on_day", 1.0)):
                        x = s * lim / (dem / m.dpm)
                        if x <= m.dpm:
                            d[n] = x
                return d
            add("apis", a, "credits", kind="credits", unit="credits/month", demand=lambda: self.api_credits(a), limit=lim, detail=detail)
        if plan is not None or packs or "overage" in api or api.get("budget", "none") != "none":
            add("apis", a, "spend", kind="spend", unit="money/month", demand=lambda: self.api_spend(a), limit=self.budget(api.get("budget")))

    def database_meters(self, d, add):
        ev, db = self.ev, self.m.doc["databases"][d]
        add("databases", d, "storage", kind="storage", unit="bytes", demand=lambda: self.database_bytes(d),
            limit=limit_of(db.get("storage"), self.mode, p_size), detail=self.database_detail(d), on_disk=lambda: self.database_now(d))
        limits = {k: limit_of(db.get(k), self.mode, self.m.rate) for k in ("reads", "writes")}
        limits = {k: None if x is None else x.per_day / DAY for k, x in limits.items()}
        add("databases", d, "writes", kind="writes", unit="writes/s", demand=lambda: self.database_writes(d), limit=limits["writes"])
        reads = self.read_lines(d)
        if reads or limit_of(db.get("reads"), "now", self.m.rate) is not None:
            add("databases", d, "reads", kind="reads", unit="reads/s", limit=limits["reads"],
                demand=lambda: sum((ev.window(ev.line(l), ev.line(l).q, 1.0) for l in reads), V(0.0)))
        if "price" in db:
            add("databases", d, "spend", kind="spend", unit="money/month", demand=lambda: self.database_spend(d),
                limit=self.budget(db.get("budget")))

    def queue_meters(self, q, add):
        m, ev, qu = self.m, self.ev, self.m.doc["queues"][q]
        lines = ev.lines_to("messages", q)
        kafka = qu["broker"] == "kafka"
        pt = p_throughput(qu.get("partition_throughput", "3MB/s"), m.dpm)
        parts = limit_of(qu.get("partitions"), self.mode, num)
        takes = [] if not kafka or parts is None else [parts * pt]
        cluster = limit_of(qu.get("throughput"), self.mode, lambda x: p_throughput(x, m.dpm))
        takes += [] if cluster is None else [cluster]

        def throughput():
            s = sum((ev.window(ev.line(l), ev.line(l).q * ev.msg_size(l), 1.0) for l in lines), V(0.0))
            if "replay" in qu:
                s = s + ev.mean_bytes(q) * p_ratio(qu["replay"])
            return s
        add("queues", q, "throughput", kind="throughput", unit="bytes/s", demand=throughput, limit=min(takes, default=None),
            detail=(lambda dem, lim: {"partitions_needed": math.ceil(dem / pt)}) if kafka else None)
        if not kafka or any(k in qu for k in ("retention", "retention_bytes", "compact", "price")) or qu.get("storage", "none") != "none":
            def kept(dem, lim):
                seconds = self.kept_for(q)
                return {} if seconds is None else {"kept_for": seconds}
            add("queues", q, "retained", kind="retained", unit="bytes", demand=lambda: self.retained(q),
                limit=limit_of(qu.get("storage"), self.mode, p_size), detail=kept)
        if "price" in qu:
            add("queues", q, "spend", kind="spend", unit="money/month", demand=lambda: self.queue_spend(q), limit=self.budget(qu.get("budget")))
        wk = qu.get("workers", {})

        def jobs():
            s = V(0.0)
            for l in lines:
                r = ev.line(l)
                s = s + r.took * ((1.0 if r.batch else max(r.peak, r.peak_day)) / DAY)
            return s

        def scale(dem, lim):
            if "count" in wk and "rate" in wk and "drain" in qu:
                e = Est("", wk["rate"], m.rate)
                if not e.unknown:
                    return {"scale_up_at": num(wk["count"]) * e.p50 / DAY * p_duration(qu["drain"])}
            return {}
        add("queues", q, "workers", kind="workers", unit="jobs/s", demand=jobs, limit=lambda: ev.workers(q), detail=scale)
        add("queues", q, "depth", kind="depth", unit="messages", demand=lambda: self.depth(q),
            limit=limit_of(qu.get("max_depth"), self.mode, num))
        if ("max" in wk and "rate" in wk) or "drain" in qu:
            add("queues", q, "drain", kind="drain", unit="seconds", demand=lambda: self.drain(q),
                limit=p_duration(qu["drain"]) if "drain" in qu else None)
