// SPDX-License-Identifier: Apache-2.0
// Words of an instruction, as BuildKit's shell lexer reads them: quotes, the escape character, $V,
// ${V}, ${V:-default}, ${V-default}, ${V:+other}, ${V+other}, ${V:?error}, ${V#prefix}, ${V##prefix},
// ${V%suffix}, ${V%%suffix}, ${V/pattern/replacement}, ${V//pattern/replacement}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/result.hpp"
#include "controller/model/project.hpp"

namespace trueup::dockerfile {

std::string lower(std::string_view text);    // ASCII letters

// Split at blanks outside of quotes; quotes and escapes stay.
model::Strings split_raw(std::string_view text, char escape);

// ["a", "b"]; nothing when it is not a JSON list of strings.
std::optional<model::Strings> json_words(std::string_view text);

struct Expansion {
    std::string text;
    std::string unresolved;    // the first variable without a value, "" = none
};

// Quotes and escapes off, variables in. One without a value stays as written: the base image may set
// it; so does one with a pattern when value or pattern are long (256 and 63 characters). Errc::invalid
// when the result would be longer than 64 KiB, or for ${V:?error} without a value.
Result<Expansion> expand(std::string_view raw, char escape, const model::StringMap& values);

// The text of a heredoc: the same, but quotes are letters like others. At most 1 MiB.
Result<Expansion> expand_text(std::string_view raw, char escape, const model::StringMap& values);

// The same without variables.
std::string unquote(std::string_view raw, char escape);

}    // namespace trueup::dockerfile
