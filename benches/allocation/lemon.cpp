// The same questions to LEMON's network simplex: lemon FILE NEEDS. The file is that of instance.rs.
// Prints "need total minutes" for each need and its CPU seconds. What cannot be brought comes from a
// node of its own at a cost above that of every way.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

using namespace lemon;

static double cpu_s() { return double(std::clock()) / CLOCKS_PER_SEC; }

int main(int, char **argv) {
  FILE *file = std::fopen(argv[1], "rb");
  if (!file) return 1;
  uint32_t head[3];
  if (std::fread(head, 4, 3, file) != 3) return 1;
  const size_t areas = head[0], depots = head[1], needs = head[2];
  const size_t asked_needs = std::strtoul(argv[2], nullptr, 10);
  std::vector<uint16_t> minutes(areas * depots);
  std::vector<int64_t> supply(needs * depots), asks(needs * areas);
  if (std::fread(minutes.data(), 2, minutes.size(), file) != minutes.size()) return 1;
  if (std::fread(supply.data(), 8, supply.size(), file) != supply.size()) return 1;
  if (std::fread(asks.data(), 8, asks.size(), file) != asks.size()) return 1;
  const int64_t lack_cost = 10000000;
  double building = 0, solving = 0;
  for (size_t need = 0; need < asked_needs && need < needs; ++need) {
    double begun = cpu_s();
    SmartDigraph graph;
    graph.reserveNode(int(areas + depots + 1));
    std::vector<SmartDigraph::Node> nodes;
    for (size_t at = 0; at < areas + depots + 1; ++at) nodes.push_back(graph.addNode());
    const int64_t *held = &supply[need * depots], *asked = &asks[need * areas];
    std::vector<int64_t> costs;
    int64_t wanted = 0;
    for (size_t area = 0; area < areas; ++area) {
      wanted += asked[area];
      for (size_t depot = 0; depot < depots; ++depot) {
        uint16_t time = minutes[area * depots + depot];
        if (time == 65535 || held[depot] <= 0) continue;
        graph.addArc(nodes[depot], nodes[depots + area]);
        costs.push_back(time);
      }
    }
    for (size_t area = 0; area < areas; ++area) {
      graph.addArc(nodes[areas + depots], nodes[depots + area]);
      costs.push_back(lack_cost);
    }
    SmartDigraph::ArcMap<int64_t> cost(graph);
    for (size_t arc = 0; arc < costs.size(); ++arc) cost[graph.arcFromId(int(arc))] = costs[arc];
    SmartDigraph::NodeMap<int64_t> net(graph);
    for (size_t depot = 0; depot < depots; ++depot) net[nodes[depot]] = held[depot];
    for (size_t area = 0; area < areas; ++area) net[nodes[depots + area]] = -asked[area];
    net[nodes[areas + depots]] = wanted;
    NetworkSimplex<SmartDigraph, int64_t, int64_t> simplex(graph);
    simplex.costMap(cost).supplyMap(net);
    simplex.supplyType(NetworkSimplex<SmartDigraph, int64_t, int64_t>::LEQ);
    double built = cpu_s();
    bool solved =
        simplex.run() == NetworkSimplex<SmartDigraph, int64_t, int64_t>::OPTIMAL;
    double done = cpu_s();
    building += built - begun;
    solving += done - built;
    int64_t lacking = 0;
    for (size_t area = 0; area < areas; ++area)
      lacking += simplex.flow(graph.arcFromId(int(costs.size() - areas + area)));
    int64_t total = simplex.totalCost<int64_t>() - lacking * lack_cost;
    if (solved) std::printf("%zu %lld %lld\n", need, (long long)(wanted - lacking), (long long)total);
  }
  std::printf("LEMON NetworkSimplex, %zu needs: solve %.1f ms, with construction %.1f ms\n",
              asked_needs, solving * 1e3, (solving + building) * 1e3);
}
