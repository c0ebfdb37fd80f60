// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "controller/compose/limits.hpp"

namespace trueup::compose {

Problems in_order(Problems problems) {
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    return problems;
}

Error error_of(Problems problems) {
    problems = in_order(std::move(problems));
    if (problems.size() > Limits::problems) {
        const std::size_t more = problems.size() - Limits::problems;
        problems.resize(Limits::problems);
        problems.push_back({Position(), fmt::format("and {} more problems", more), ""});
    }
    return Error(std::move(problems));
}

void add_new(const Problems& later, Problems& problems) {
    std::set<Position> known;
    for (const Problem& problem : problems) known.insert(problem.position);
    for (const Problem& problem : later) {
        if (!known.contains(problem.position)) problems.push_back(problem);
    }
}

Problems settle(Session& session) {
    std::set<Position> failed;
    for (const Problem& problem : session.failed) failed.insert(problem.position);
    Problems problems = session.failed;
    for (Problem& problem : session.problems) {
        if (!failed.contains(problem.position)) problems.push_back(std::move(problem));
    }
    return problems;
}

}    // namespace trueup::compose
