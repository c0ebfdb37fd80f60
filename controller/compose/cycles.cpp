// SPDX-License-Identifier: Apache-2.0
// A walk in depth without recursion: a chain of dependencies may be as long as the file allows.
#include "controller/compose/cycles.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/compose/nodes.hpp"
#include "controller/model/project.hpp"

namespace trueup::compose {
namespace {

class Walk {
public:
    Walk(const yaml::Node& services, Problems& problems) : problems_(problems) {
        for (const yaml::Entry& entry : services.entries) {
            model::Strings& needed = needs_[entry.key];
            for_each(entry.value.find("depends_on"),
                     [&](const std::string& name, const yaml::Node&) { needed.push_back(name); });
            places_.emplace(entry.key, entry.position());
        }
    }

    void run() {
        for (const auto& [name, needed] : needs_) {
            if (state_[name] == State::unseen) from(name);
        }
    }

private:
    enum class State { unseen, on_path, done };

    void enter(const std::string& name) {
        state_[name] = State::on_path;
        path_.emplace_back(name, 0);
    }

    void from(const std::string& start) {
        enter(start);
        while (!path_.empty()) {
            const std::string name = path_.back().first;
            const model::Strings& needed = needs_.at(name);
            if (path_.back().second == needed.size()) {
                state_[name] = State::done;
                path_.pop_back();
                continue;
            }
            const std::string& next = needed[path_.back().second++];
            if (!needs_.contains(next)) continue;
            if (state_[next] == State::on_path)
                tell(next);
            else if (state_[next] == State::unseen)
                enter(next);
        }
    }

    void tell(const std::string& name) {
        std::vector<std::string> cycle;
        for (const auto& [step, next] : path_) {
            if (!cycle.empty() || step == name) cycle.push_back(step);
        }
        cycle.push_back(name);
        problems_.push_back(
            {places_.at(name),
             fmt::format("services depend on each other in a circle: {}", fmt::join(cycle, " -> ")),
             ""});
    }

    Problems& problems_;
    std::map<std::string, model::Strings> needs_;
    std::map<std::string, Position> places_;
    std::map<std::string, State> state_;
    std::vector<std::pair<std::string, std::size_t>> path_;
};

}    // namespace

void check_cycles(const yaml::Node& services, Problems& problems) {
    Walk(services, problems).run();
}

}    // namespace trueup::compose
