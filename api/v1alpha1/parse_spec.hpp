// SPDX-License-Identifier: Apache-2.0
// The spec of a Stack, out of its mapping.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/v1alpha1/reader.hpp"
#include "api/v1alpha1/stack.hpp"

namespace trueup::v1alpha1 {

// Reads `spec` of `document`; what is wrong with it goes into the reader's problems.
StackSpec parse_spec(Reader& document);

// Its sections that have files of their own. `project_path` is spec.source.path, once read.
void read_source(Reader source, StackSpec& spec);
ComposeSpec read_compose(Reader compose, const std::string& project_path);
SyncSpec read_sync(Reader sync);

// The value that the field's word stands for; `fallback` when it is absent or wrong.
template <class Value, std::size_t Size>
Value word(Reader& reader, std::string_view name,
           const std::array<std::pair<std::string_view, Value>, Size>& words, Value fallback) {
    const auto text = reader.text(name);
    if (!text) return fallback;
    std::string known;
    for (const auto& [key, value] : words) {
        if (key == text->value) return value;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", key);
    }
    reader.add(text->position,
               fmt::format("{}: unknown word {}", reader.path_of(name), in_quotes(text->value)),
               "one of: " + known);
    return fallback;
}

}    // namespace trueup::v1alpha1
