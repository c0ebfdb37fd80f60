// SPDX-License-Identifier: Apache-2.0
#include "controller/dockerfile/ignore.hpp"

#include <fmt/format.h>

#include "controller/base/text.hpp"

namespace trueup::dockerfile {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t most_rules = 10'000;

// filepath.Clean on a relative pattern; a pattern that climbs out of the context matches nothing.
std::string clean(std::string_view pattern) {
    while (pattern.starts_with('/')) pattern.remove_prefix(1);
    const auto normal = base::normal_path(pattern);
    return normal ? *normal : std::string();
}

}    // namespace

Result<void> Ignore::add(std::string_view line) {
    Rule rule;
    if (line.starts_with('!')) {
        rule.exception = true;
        line = base::trim(line.substr(1));
        if (line.empty()) return Error(Errc::invalid, "'!' names nothing to take back");
    }
    const std::string cleaned = clean(line);
    if (cleaned.empty()) return {};    // ".", "/" and "../x" match nothing inside a context
    auto pattern = Pattern::compile(cleaned);
    if (!pattern) return pattern.error();
    if (rules_.size() >= most_rules) return Error(Errc::invalid, "more than 10000 patterns");
    rule.pattern = std::move(*pattern);
    exceptions_ = exceptions_ || rule.exception;
    rules_.push_back(std::move(rule));
    return {};
}

Result<Ignore> Ignore::parse(std::string_view text, const std::string& file) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    Ignore ignore;
    Problems problems;
    std::uint32_t number = 0;
    for (const std::string_view raw : base::split(text, '\n')) {
        ++number;
        const std::string_view line = base::trim(raw);
        if (raw.starts_with('#') || line.empty()) continue;
        const auto added = ignore.add(line);
        if (!added) problems.push_back({{file, number, 1}, added.error().message(), ""});
        if (problems.size() >= 100) break;
    }
    if (!problems.empty()) return Error(std::move(problems));
    return ignore;
}

Result<Ignore> Ignore::of(const std::vector<std::string>& patterns, const std::string& file) {
    Ignore ignore;
    for (const std::string& pattern : patterns) {
        const auto added = ignore.add(base::trim(pattern));
        if (!added) return added.error().in(file);
    }
    return ignore;
}

Ignore::State Ignore::enter(std::string_view path, const State& parent) const {
    State state = parent;
    state.resize(rules_.size(), 0);
    for (std::size_t index = 0; index < rules_.size(); ++index) {
        if (state[index] == 0 && rules_[index].pattern.matches(path)) state[index] = 1;
    }
    return state;
}

bool Ignore::excluded(const State& state) const {
    for (std::size_t index = state.size(); index-- > 0;) {
        if (state[index] != 0) return !rules_[index].exception;
    }
    return false;
}

bool Ignore::excludes(std::string_view path) const {
    State state;
    for (std::size_t end = path.find('/'); end != std::string_view::npos;
         end = path.find('/', end + 1)) {
        state = enter(path.substr(0, end), state);
    }
    return excluded(enter(path, state));
}

}    // namespace trueup::dockerfile
