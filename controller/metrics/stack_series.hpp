// SPDX-License-Identifier: Apache-2.0
// The series that name one stack. It owns them: what it says no more is gone from the next scrape.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "controller/metrics/catalogue.hpp"
#include "controller/metrics/metrics.hpp"

namespace trueup::metrics {

// Labels beside those that a family's owner has in common. A family always has the same names.
struct Extra {
    const char* name;
    std::string_view value;
};
using Extras = std::initializer_list<Extra>;

// Series of one type that a stack owns. The key holds only what tells them apart inside the stack:
// at a thousand stacks a second copy of all labels would cost more than the metrics.
template <class T>
class Owned {
public:
    template <class... Arguments>
    T& get(prometheus::Family<T>& family, const StackLabels& stack, Extras extras,
           const Arguments&... arguments) {
        std::string values;
        for (const Extra& extra : extras) values.append(extra.value).push_back('\0');
        const auto [found, fresh] = series_.try_emplace(Key(&family, std::move(values)));
        Series& series = found->second;
        if (fresh) {
            prometheus::Labels labels{{"stack", stack.stack}, {"environment", stack.environment}};
            for (const Extra& extra : extras) labels[extra.name] = std::string(extra.value);
            series.metric = &family.Add(labels, arguments...);
        }
        series.round = round_;
        return *series.metric;
    }

    // What is not asked for between begin() and sweep() is removed.
    void begin() { ++round_; }
    void sweep() {
        std::erase_if(series_, [this](const auto& entry) {
            const auto& [key, series] = entry;
            if (series.round == round_) return false;
            key.first->Remove(series.metric);
            return true;
        });
    }
    void clear() {
        begin();
        sweep();
    }

private:
    using Key = std::pair<prometheus::Family<T>*, std::string>;
    struct Series {
        T* metric = nullptr;
        std::uint32_t round = 0;
    };
    std::map<Key, Series> series_;
    std::uint32_t round_ = 0;
};

struct StackSeries {
    std::string environment;
    std::optional<StackState> shown;    // what the gauges say: most reconciles change nothing
    Owned<prometheus::Gauge> gauges;
    Owned<prometheus::Counter> counters;
    Owned<prometheus::Histogram> histograms;

    void start_at_zero(Catalogue& catalogue, const StackLabels& stack);
    // Lays the new gauges over the old ones: what is in both is set in place, so that no scrape
    // misses it, and what is only in the old ones is swept.
    void show(Catalogue& catalogue, const StackState& state);
    void clear();
};

}    // namespace trueup::metrics
