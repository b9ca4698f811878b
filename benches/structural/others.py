"""The same questions to numpy and scipy: others.py FILE RESULTS dense|tree.

FILE and RESULTS are described in instance.rs and structural.rs. Prints CPU seconds without reading and
writing. `dense` looks at every depot for every area; `tree` first asks a KD-tree which depots stand near
enough to be in time at all. Needs numpy, scipy and pyproj from PyPI.

Minutes are exact: bounds on the geodesic settle nearly all of them, pyproj the rest.
"""

import sys
import time

import numpy as np
from pyproj import Geod

LIMIT = 720
AXIS, E2 = 6378137.0, 6.694379990141317e-3
LEAST_RADIUS = AXIS * (1 - E2)
GEOD = Geod(a=AXIS, rf=298.257223563)


def read(path):
    data = open(path, "rb").read()
    areas, depots, needs = np.frombuffer(data, "<u4", 3)
    at = 12
    depot = np.dtype([("lon", "<i4"), ("lat", "<i4"), ("ready", "<u4"), ("home", "<u4"), ("units", "<i8", needs)])
    stores = np.frombuffer(data, depot, depots, at)
    at += stores.nbytes
    milli = np.frombuffer(data, "<i8", needs, at)
    at += milli.nbytes
    area = np.dtype(
        [("lon", "<i4"), ("lat", "<i4"), ("wait", "<u4"), ("people", "<i8"), ("ways", "<u4"), ("asked", "<u4")]
    )
    places = np.frombuffer(data, area, areas, at)
    at += places.nbytes
    ways = np.frombuffer(data, "<u4", -1, at).reshape(-1, 2)
    return stores, milli, places, ways


def spots(lon, lat):
    lon, lat = np.radians(lon / 1e6), np.radians(lat / 1e6)
    normal = AXIS / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    x = normal * np.cos(lat) * np.cos(lon)
    y = normal * np.cos(lat) * np.sin(lon)
    return np.column_stack([x, y, normal * (1 - E2) * np.sin(lat)])


def minutes(chord, lon, lat, stores):
    """Whole minutes on the road: 1.3 km a kilometre at 60 km/h, rounded up."""
    part = chord / (2 * LEAST_RADIUS)
    least = np.ceil((chord * 100 - 1) * (1.3 / 1e5))
    most = np.ceil((chord * (1 + part**2 * (1 / 6 + part**2 * 0.1)) * 100 + 2) * (1.3 / 1e5))
    open_ = np.nonzero(least != most)[0]
    if len(open_):
        far = stores[open_]
        one = np.full(len(open_), lon / 1e6), np.full(len(open_), lat / 1e6)
        cm = np.floor(GEOD.inv(far["lon"] / 1e6, far["lat"] / 1e6, *one)[2] * 100 + 0.5)
        least[open_] = -(-(cm.astype(np.int64) * 13) // 1_000_000)
    return least.astype(np.int64)


def sums(total, units, limit):
    taken = np.nonzero(total <= limit)[0]
    taken = taken[np.argsort(total[taken], kind="stable")]
    return total[taken], np.cumsum(units[taken], axis=0)


def told(at, comes, required, people):
    steps, full = [], -1
    reach = comes[-1] if len(comes) else np.zeros(len(required), np.int64)
    if len(comes):
        last = np.nonzero(np.append(at[1:] != at[:-1], True))[0]
        at, comes = at[last], comes[last]
        served = np.minimum(comes * 1000, required)
        ratio = (served * 10000 // required).min(axis=1)
        persons = (people * served // required).min(axis=1)
        before = np.concatenate([[0], np.maximum.accumulate(ratio)[:-1]])
        up = np.nonzero(ratio > before)[0]
        steps = np.column_stack([at[up], ratio[up], persons[up]]).ravel().tolist()
        whole = np.nonzero(ratio == 10000)[0]
        full = int(at[whole[0]]) if len(whole) else -1
    coverage = np.minimum(reach * 10000000 // required, 10000)
    return reach, coverage, full, steps


def main(path, results, how):
    stores, milli, places, ways = read(path)
    begun = time.process_time()
    alive = np.nonzero(stores["ready"] != 0xFFFFFFFF)[0]
    stores_alive = stores[alive]
    units = np.ascontiguousarray(stores_alive["units"])
    ready = stores_alive["ready"].astype(np.int64)
    home = stores_alive["home"].astype(np.int64)
    home_wait = np.append(places["wait"], 0)[np.minimum(home, len(places))].astype(np.int64)
    depots = spots(stores_alive["lon"], stores_alive["lat"])
    here = spots(places["lon"], places["lat"])
    number = np.full(len(stores), -1)
    number[alive] = np.arange(len(alive))
    first = np.concatenate([[0], np.cumsum(places["ways"].astype(np.int64))]).astype(np.int64)
    if how == "tree":
        from scipy.spatial import cKDTree

        tree = cKDTree(depots)
        farthest = (LIMIT - ready.min()) / 1.3 * 1000
    out = []
    everything = np.arange(len(alive))

    def look(i, near, limit):
        area, spot = places[i], here[i]
        off = depots[near] - spot
        chord = np.sqrt(np.einsum("ij,ij->i", off, off))
        late = minutes(chord, area["lon"], area["lat"], stores_alive[near])
        for depot, drove in ways[first[i] : first[i + 1]]:
            if number[depot] >= 0:
                late[near == number[depot]] = drove
        wait = np.maximum(home_wait[near], area["wait"])
        wait[home[near] == i] = 0
        total = np.maximum(ready[near], wait) + late
        people = area["people"]
        required = people * milli
        return told(*sums(total, units[near], limit), required, people)

    for i in np.nonzero(places["asked"])[0]:
        near = everything if how == "dense" else np.array(tree.query_ball_point(here[i], farthest))
        reach, coverage, full, steps = look(i, near, LIMIT)
        if full < 0:
            full = look(i, everything, 10**9)[2]
        out.append((reach, coverage, full, steps))
    print(time.process_time() - begun)
    with open(results, "wb") as file:
        for reach, coverage, full, steps in out:
            row = np.concatenate([reach, coverage, [full, len(steps) // 3], steps])
            row.astype("<i8").tofile(file)


main(*sys.argv[1:])
