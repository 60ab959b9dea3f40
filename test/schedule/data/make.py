"""
Makes slots.json and offsets.json beside it: when schedules are due, by a clock that is not Offstage's.

    python3 test/schedule/data/make.py

It goes through real time minute by minute with Python's zoneinfo and asks a cron matcher of its own about each minute that
the clocks of the zone have newly reached. There is no search, no arithmetic on offsets and no rule for changes of the
clock other than these two:

- a line that names hours is due at the first instant by which the clocks have reached a matching minute;
- a line with `*` for the hour is due at each instant at which the clocks show a matching minute.

Made with the 2025b tables. Node 20 to 24 carry 2025b or later; the dates are such that both say the same, which the
test of offsets.json proves wherever it runs.
"""
import json
import os
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {n: i for i, n in enumerate("sun mon tue wed thu fri sat".split())}
NAMES.update({n: i + 1 for i, n in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())})


def values(field, low, high):
    found = set()
    for item in field.lower().split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first = NAMES.get(first) if first in NAMES else int(first)
            last = first if last == "" else NAMES.get(last) if last in NAMES else int(last)
        found.update(range(first, last + 1, int(step or 1)))
    return found


def nearest_weekday(year, month, wanted):
    days = monthrange(year, month)[1]
    if wanted > days:
        return None
    for away in (0, -1, 1, -2, 2):
        day = wanted + away
        if 1 <= day <= days and date(year, month, day).weekday() < 5:
            return day


def month_day_matches(field, d):
    days = monthrange(d.year, d.month)[1]
    if field == "LW":
        return d.day == max(x for x in range(1, days + 1) if date(d.year, d.month, x).weekday() < 5)
    if field == "L":
        return d.day == days
    if field.endswith("W"):
        return d.day == nearest_weekday(d.year, d.month, int(field[:-1]))
    return d.day in values(field, 1, 31)


def week_day_matches(field, d):
    day = (d.weekday() + 1) % 7
    if "#" in field:
        wanted, _, count = field.partition("#")
        return day == int(wanted) % 7 and (d.day - 1) // 7 + 1 == int(count)
    if field.endswith("L"):
        return day == int(field[:-1]) % 7 and d.day + 7 > monthrange(d.year, d.month)[1]
    return day in {x % 7 for x in values(field, 0, 7)}


def day_matches(line, d):
    _, _, dom, month, dow = line.split()
    if d.month not in values(month, 1, 12):
        return False
    if dom == "*" or dow == "*":
        return (dom == "*" or month_day_matches(dom, d)) and (dow == "*" or week_day_matches(dow, d))
    return month_day_matches(dom, d) or week_day_matches(dow, d)


def slots(zone, line, start, count, most_days):
    """The first `count` slots after `start` (UTC), as minutes from it."""
    tz = ZoneInfo(zone)
    minute, hour = line.split()[:2]
    minutes, hours = values(minute, 0, 59), values(hour, 0, 23)
    any_hour = hour == "*"
    step = timedelta(minutes=1)
    days = {}

    def matches(wall):
        d = wall.date()
        if d not in days:
            days[d] = day_matches(line, d)
        return days[d] and wall.hour in hours and wall.minute in minutes

    found = []
    at = start - timedelta(days=2)
    reached = at.astimezone(tz).replace(tzinfo=None)
    end = start + timedelta(days=most_days)
    while at < end and len(found) < count:
        at += step
        if at.hour == 0 and at.minute == 1:
            around = [reached.date() + timedelta(days=n) for n in (-1, 0, 1, 2, 3)]
            if not any(day_matches(line, d) for d in around):
                at += timedelta(days=1) - step
                reached = max(reached, at.astimezone(tz).replace(tzinfo=None))
                continue
        wall = at.astimezone(tz).replace(tzinfo=None)
        if any_hour:
            due = matches(wall)
            reached = max(reached, wall)
        else:
            due = False
            while reached < wall:
                reached += step
                due = matches(reached) or due
        if due and at > start:
            found.append(at)
    return [int((t - start).total_seconds()) // 60 for t in found]


# zone and the local days on which its clocks change, or that are of interest
CHANGES = {
    "Australia/Lord_Howe": ["2023-04-02", "2023-10-01", "2024-04-07", "2024-10-06"],
    "Pacific/Apia": ["2011-12-29", "2012-04-01", "2011-09-24"],
    "Africa/Casablanca": ["2023-03-19", "2023-04-23", "2024-03-10", "2024-04-14"],
    "America/St_Johns": ["2024-03-10", "2024-11-03", "2010-03-14", "2010-11-07"],
    "Asia/Kathmandu": ["2023-12-31", "2024-02-29"],
    "America/New_York": ["2024-03-10", "2024-11-03", "2025-03-09", "2025-11-02"],
    "Europe/Berlin": ["2024-03-31", "2024-10-27", "2025-03-30", "2025-10-26"],
    "Europe/London": ["2024-03-31", "2024-10-27", "1995-10-22"],
    "America/Santiago": ["2023-04-02", "2023-09-03", "2024-04-07", "2024-09-08"],
    "Australia/Sydney": ["2024-04-07", "2024-10-06"],
    "America/Sao_Paulo": ["2018-02-18", "2018-11-04"],
    "Africa/Cairo": ["2023-04-28", "2023-10-27", "2024-04-26", "2024-11-01"],
    "Asia/Tehran": ["2021-03-22", "2021-09-22", "2022-09-22"],
    "America/Havana": ["2024-03-10", "2024-11-03"],
    "Pacific/Auckland": ["2024-04-07", "2024-09-29"],
    "Pacific/Chatham": ["2024-04-07", "2024-09-29"],
    "UTC": ["2024-02-29", "2024-12-31"],
}
AROUND = ["0 0 * * *", "30 1 * * *", "30 2 * * *", "15,45 2 * * *", "*/15 * * * *", "30 * * * *", "*/20 1-3 * * *",
          "0 */2 * * *", "30 0,23 * * *", "0 9 * * 1-5"]
CALENDAR = ["0 0 29 2 *", "0 12 L * *", "0 9 LW * *", "0 9 15W * *", "0 9 1W * *", "0 9 * * 5#2", "30 2 * * 0L",
            "0 0 1 1 *", "59 23 31 12 *", "0 0 31 * *", "0 0 13 * 5", "30 3 * 3,10 sun", "0 * 29 2 *", "0 0 30 dec *"]
CALENDAR_ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"]


def main():
    cases = []
    for zone, changed in CHANGES.items():
        for day in changed:
            noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
            start = noon - timedelta(days=1)
            for line in AROUND:
                count = 120 if line.split()[0].startswith("*") else 40
                cases.append({"tz": zone, "line": line, "after": start.strftime("%Y-%m-%dT%H:%MZ"),
                              "slots": slots(zone, line, start, count, 4)})
    for zone in CALENDAR_ZONES:
        start = datetime(2023, 1, 1, tzinfo=timezone.utc)
        if zone == "Pacific/Apia":
            start = datetime(2011, 6, 1, tzinfo=timezone.utc)
        for line in CALENDAR:
            cases.append({"tz": zone, "line": line, "after": start.strftime("%Y-%m-%dT%H:%MZ"),
                          "slots": slots(zone, line, start, 8, 365 * 6)})
    offsets = {}
    for zone, changed in CHANGES.items():
        for day in changed:
            first = datetime.fromisoformat(day).replace(tzinfo=timezone.utc) - timedelta(days=2)
            offsets.setdefault(zone, []).append(
                [first.strftime("%Y-%m-%dT%H:%MZ"),
                 [int(ZoneInfo(zone).utcoffset((first + timedelta(minutes=30 * n)).astimezone(ZoneInfo(zone)))
                      .total_seconds() // 60) for n in range(48 * 4)]])
    with open(os.path.join(HERE, "slots.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    with open(os.path.join(HERE, "offsets.json"), "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(z)}: {json.dumps(o)}" for z, o in offsets.items()) + "\n}\n")
    print(len(cases), "cases,", len(offsets), "zones,", sum(len(c["slots"]) for c in cases), "slots")


main()
