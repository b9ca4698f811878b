"""The same questions to OR-Tools and HiGHS: solvers.py FILE NEEDS cost|flow|highs.

The file is that of instance.rs. Prints "need total minutes" (-1 where time is not asked for) and CPU
seconds. Needs ortools, numpy and highspy from PyPI.
"""

import sys
import time

import numpy as np


def read(path):
    with open(path, "rb") as file:
        areas, depots, needs = np.fromfile(file, "<u4", 3)
        minutes = np.fromfile(file, "<u2", areas * depots).reshape(areas, depots)
        supply = np.fromfile(file, "<i8", needs * depots).reshape(needs, depots)
        asks = np.fromfile(file, "<i8", needs * areas).reshape(needs, areas)
    return minutes, supply, asks


def ways(minutes, held):
    area, depot = np.nonzero((minutes != 65535) & (held > 0)[None, :])
    return area, depot, minutes[area, depot].astype(np.int64)


def cost(minutes, held, asked):
    from ortools.graph.python import min_cost_flow

    begun = time.process_time()
    area, depot, time_min = ways(minutes, held)
    solver = min_cost_flow.SimpleMinCostFlow()
    most = np.minimum(held[depot], asked[area])
    solver.add_arcs_with_capacity_and_unit_cost(depot, len(held) + area, most, time_min)
    nodes = np.arange(len(held) + len(asked))
    solver.set_nodes_supplies(nodes, np.concatenate([held, -asked]))
    built = time.process_time()
    assert solver.solve_max_flow_with_min_cost() == solver.OPTIMAL
    done = time.process_time()
    return solver.maximum_flow(), solver.optimal_cost(), built - begun, done - built


def flow(minutes, held, asked):
    from ortools.graph.python import max_flow

    begun = time.process_time()
    area, depot, _ = ways(minutes, held)
    solver = max_flow.SimpleMaxFlow()
    source, sink = len(held) + len(asked), len(held) + len(asked) + 1
    most = np.minimum(held[depot], asked[area])
    solver.add_arcs_with_capacity(depot, len(held) + area, most)
    depots, areas = np.arange(len(held)), len(held) + np.arange(len(asked))
    solver.add_arcs_with_capacity(np.full(len(held), source), depots, held)
    solver.add_arcs_with_capacity(areas, np.full(len(asked), sink), asked)
    built = time.process_time()
    assert solver.solve(source, sink) == solver.OPTIMAL
    done = time.process_time()
    return solver.optimal_flow(), -1, built - begun, done - built


def highs(minutes, held, asked):
    import highspy

    begun = time.process_time()
    area, depot, time_min = ways(minutes, held)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    lack, count = 10_000_000, len(area)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count + len(asked), len(held) + len(asked)
    model.col_cost_ = np.concatenate([time_min, np.full(len(asked), lack)]).astype(float)
    model.col_lower_ = np.zeros(model.num_col_)
    model.col_upper_ = np.full(model.num_col_, highspy.kHighsInf)
    model.row_lower_ = np.concatenate([np.zeros(len(held)), asked]).astype(float)
    model.row_upper_ = np.concatenate([held, asked]).astype(float)
    rows = np.column_stack([depot, len(held) + area]).ravel()
    lacks = len(held) + np.arange(len(asked))
    starts = np.concatenate([np.arange(0, 2 * count, 2), 2 * count + np.arange(len(asked) + 1)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = np.concatenate([rows, lacks])
    model.a_matrix_.value_ = np.ones(2 * count + len(asked))
    solver.passModel(model)
    built = time.process_time()
    solver.run()
    done = time.process_time()
    lacking = sum(solver.getSolution().col_value[count:])
    value = solver.getInfo().objective_function_value - lacking * lack
    total = int(asked.sum()) - round(lacking)
    return total, round(value), built - begun, done - built


def main():
    minutes, supply, asks = read(sys.argv[1])
    needs, kind = int(sys.argv[2]), sys.argv[3]
    solve = {"cost": cost, "flow": flow, "highs": highs}[kind]
    names = {"cost": "OR-Tools SimpleMinCostFlow", "flow": "OR-Tools SimpleMaxFlow", "highs": "HiGHS"}
    solve(minutes[:2], supply[0], asks[0][:2])
    building = solving = 0.0
    for need in range(min(needs, len(supply))):
        total, value, built, solved = solve(minutes, supply[need], asks[need])
        print(need, total, value)
        building, solving = building + built, solving + solved
    print(
        f"{names[kind]}, {needs} needs: solve {solving * 1e3:.1f} ms, "
        f"with construction {(solving + building) * 1e3:.1f} ms"
    )


main()
