"""Credits, spend and budgets."""

from amounts import cost, graduated
from limits import matches

from packs import Packs
from reading import has_max, limit_of, num, p_size
from values import V, raw_max, vmax


class Money:
    """The part of a Case about money."""

    @property
    def share(self):
        """of an event in its month"""
        lasts = self.scen.lasts if self.scen is not None else None
        return 1.0 if lasts is None else min(1.0, lasts / self.m.dpm)

    def blend(self, now, today):
        """a month of an event that lasts: `today` gives the same of a Case today"""
        f = self.share
        return now if f == 1.0 else today(self.today) * (1 - f) + now * f

    def api_credits(self, a):
        def month(case):
            return sum((case.ev.credits(l) for l in case.ev.api_lines(a)), V(0.0)) * case.m.dpm
        return self.blend(month(self), month)

    def api_spend(self, a):
        api = self.m.doc["apis"][a]
        plan = api.get("plan", {})
        credits = self.api_credits(a)
        have = limit_of(plan.get("credits"), "now", num) or 0.0
        base = num(plan.get("price", 0))
        if "overage" in api:
            o = api["overage"]
            steps = graduated(o, 1) if isinstance(o, list) else graduated(o["price"], o.get("per", 1))
            return cost(steps, vmax(credits - have, 0.0)) + base
        if api.get("packs"):
            # A float's last digits buy no pack.
            need = raw_max(credits.v - 1e-9 * raw_max(credits.v, 1.0) - have, 0.0)
            return V(Packs(api["packs"]).cost(need) + base, credits.lb)
        return V(base + credits.v * 0.0, credits.lb)

    def model_spend(self, n):
        prices = self.m.prices(n)
        units = self.ev.model_units(n)
        total = V(0.0)
        for u, steps in prices.items():
            month = self.blend(units[u], lambda case, u=u: case.ev.model_units(n)[u])
            total = total + cost(steps, month)
        return total

    def stored(self, section, name):
        """money a month of one byte kept"""
        price = self.m.doc[section][name]["price"]
        return num(price["month"]) / p_size(price["per"])

    def kept_at_a_price(self, size, section, name):
        """what costs nothing costs nothing however much is kept"""
        price = self.stored(section, name)
        return size * price if price > 0 else V(0.0, size.lb)

    def database_spend(self, d):
        if self.is_passing:
            return self.today.database_spend(d)
        on_disk = self.scen is None and not self.is_horizon
        return self.kept_at_a_price(self.database_now(d) if on_disk else self.database_bytes(d), "databases", d)

    def queue_spend(self, q):
        def month(case):
            return case.kept_at_a_price(case.retained(q), "queues", q)
        return self.blend(month(self), month)

    def budget(self, raw):
        if raw is None:
            return None
        if self.scen is None:
            return limit_of(raw, "now", num)
        if has_max(raw):
            return limit_of(raw, "max", num)
        return limit_of(raw, "now", num) if self.scen.event else None

    def costs_and_budgets(self, add, meters):
        """the last meters: of all that have a spend"""
        for c, body in self.m.doc.get("costs", {}).items():
            add("costs", c, "spend", kind="spend", unit="money/month", demand=lambda body=body: V(num(body["price"])))
        spends = {x.thing: x for x in meters if x.kind == "spend"}
        budgets = self.m.doc.get("budgets", {})
        for b in {**budgets, **({"total": None} if spends else {})}:
            raw = budgets.get(b) or {}
            if b == "total" and not spends:
                continue
            of = [x for p, x in spends.items() if b == "total" or any(matches(w, p) for w in raw["of"])]
            add("budgets", b, "spend", kind="spend", unit="money/month", limit=self.budget(raw.get("budget")),
                demand=lambda of=of: sum((x.demand() for x in of), V(0.0)))
