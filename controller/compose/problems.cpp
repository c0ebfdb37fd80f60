// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/problems.hpp"

#include <fmt/format.h>

#include <utility>

#include "controller/compose/scalars.hpp"

namespace trueup::compose {
namespace {

// What a person can still read; names come from the file.
constexpr std::size_t longest_path = 200;

}    // namespace

Path::Step::Step(Path& path, std::string_view name) : path_(path), length_(path.text_.size()) {
    if (length_ > longest_path) return;
    if (length_ != 0) path.text_ += '.';
    path.text_ += name.substr(0, longest_path);
}

Path::Step::Step(Path& path, std::size_t index) : path_(path), length_(path.text_.size()) {
    if (length_ <= longest_path) path.text_ += fmt::format("[{}]", index);
}

void Reporter::tell(const Position& position, std::string_view message, std::string advice) {
    const std::string& place = path.text();
    problems_.push_back(
        {position, place.empty() ? std::string(message) : fmt::format("{}: {}", place, message),
         std::move(advice)});
}

void Reporter::tell(const yaml::Node& node, std::string_view message, std::string advice) {
    tell(node.position(), message, std::move(advice));
}

void Reporter::expected(const yaml::Node& node, std::string_view what, std::string advice) {
    tell(node, fmt::format("expected {}, got {}", what, describe(node)), std::move(advice));
}

}    // namespace trueup::compose
