"""Holds answers against an LP solver: exact.py FILE. Needs numpy and highspy from PyPI.

Five lines a question: what depots hold, what areas ask for, ways (depot, area, minutes), what the
answer brings each area, and its minutes, the greatest total and the least minutes of that total.
Checked by linear programs that know nothing of how the answer came about: the greatest total; the
lexicographic max-min of shares, level by level; the least minutes of what is brought; the least
minutes of the greatest total.
"""

import sys

import highspy
import numpy as np


class Program:
    """min cost x over 0 <= x, depots give at most what they hold; rows of areas as told."""

    def __init__(self, held, areas, ways, more=0):
        self.ways, self.more = ways, more
        count = len(ways)
        depot, area = ways[:, 0], ways[:, 1]
        self.columns, self.depots, self.areas = count + more, len(held), areas
        self.model = highspy.HighsLp()
        self.model.num_col_, self.model.num_row_ = self.columns, len(held) + areas
        self.model.col_lower_ = np.zeros(self.columns)
        self.upper = np.full(self.columns, highspy.kHighsInf)
        self.row_lower = np.concatenate([np.full(len(held), -highspy.kHighsInf), np.zeros(areas)])
        self.row_upper = np.concatenate([held.astype(float), np.zeros(areas)])
        self.rows = np.column_stack([depot, len(held) + area]).ravel()

    def solve(self, cost, lower, upper, last=None):
        """Least cost; areas get from lower to upper; `last` is one more column in their rows."""
        model, count = self.model, len(self.ways)
        starts, index, value = np.arange(0, 2 * count + 1, 2), self.rows, np.ones(2 * count)
        if last is not None:
            starts = np.append(starts, 2 * count + self.areas)
            index = np.concatenate([index, self.depots + np.arange(self.areas)])
            value = np.concatenate([value, last])
        model.col_cost_, model.col_upper_ = cost.astype(float), self.upper
        model.row_lower_ = np.concatenate([self.row_lower[: self.depots], lower])
        model.row_upper_ = np.concatenate([self.row_upper[: self.depots], upper])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, index, value
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.passModel(model)
        solver.run()
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solution = solver.getSolution()
        return solver.getInfo().objective_function_value, solution


def fairest(held, asked, ways):
    """Shares by area: raise the least as far as possible, settle whom that binds, go on."""
    areas = len(asked)
    program = Program(held, areas, ways, more=1)
    share, open_areas = np.zeros(areas), asked > 0
    infinite = highspy.kHighsInf
    while open_areas.any():
        # Everybody settled keeps the share; everybody else gets at least level x asked.
        lower = np.where(open_areas, 0.0, share * asked)
        last = np.where(open_areas, -asked.astype(float), 0.0)
        upper = np.full(areas, infinite)
        program.upper[-1] = 1.0
        cost = np.append(np.zeros(len(ways)), -1.0)
        _, solution = program.solve(cost, lower, upper, last)
        level = solution.col_value[-1]
        if level > 1 - 1e-9:
            share[open_areas] = 1
            break
        # Bound are those that pay for the level, by their duals.
        duals = np.abs(np.array(solution.row_dual[program.depots :]))
        bound = open_areas & (duals * asked > 1e-7)
        share[bound], open_areas = level, open_areas & ~bound
    return share


def main():
    with open(sys.argv[1]) as file:
        lines = [np.array(line.split(), dtype=np.int64) for line in file]
    questions = faults = areas_seen = 0
    for held, asked, ways, brought, figures in zip(*[iter(lines)] * 5):
        ways = ways.reshape(-1, 3)
        minutes, most, most_minutes = figures
        program = Program(held, len(asked), ways)
        time = ways[:, 2].astype(float)
        zero = np.zeros(len(asked))
        greatest = round(-program.solve(np.full(len(ways), -1.0), zero, asked.astype(float))[0])
        least = round(program.solve(time, brought.astype(float), brought.astype(float))[0])
        both = program.solve(time - 1e5, zero, asked.astype(float))[0] + 1e5 * greatest
        share = fairest(held, asked, ways)
        told = {
            "greatest total": greatest == most == brought.sum(),
            "least minutes of these shares": least == minutes,
            "least minutes of the greatest total": abs(both - most_minutes) < 0.5,
            "fairest shares, to a unit": bool((np.abs(brought - share * asked) < 1 + 1e-5).all()),
        }
        for what, right in told.items():
            if not right:
                faults += 1
                print(f"question {questions}: {what} differs")
        questions, areas_seen = questions + 1, areas_seen + len(asked)
    print(f"HiGHS: {questions} questions, {areas_seen} areas, {faults} differences")


main()
