// SPDX-License-Identifier: Apache-2.0
// What a .pyc says of itself by its name and by its first 16 bytes. Pure; never throws.
//
// The header is PEP 552's: magic number of the interpreter, flags, then mtime and size of the source
// (timestamp form) or its hash (checked and unchecked form: `_imp.source_hash`, a SipHash keyed with
// the magic number; the interpreter itself is asked for it). Names are PEP 3147's and PEP 488's
// (importlib.util.source_from_cache). Magic numbers: the table in CPython's
// Lib/importlib/_bootstrap_external.py, of each release its last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trueup::code {

enum class PycForm : std::uint8_t {
    timestamp,
    checked_hash,
    unchecked_hash,    // used without a look at the source
    truncated,         // shorter than a header
    no_magic,          // does not begin as a .pyc of any CPython 3
    unknown_flags      // importlib refuses it
};

struct PycHeader {
    PycForm form = PycForm::truncated;
    std::uint16_t magic = 0;
    std::uint32_t mtime = 0;          // of the source, the lower 32 bits; timestamp only
    std::uint32_t size = 0;           // likewise
    std::uint64_t source_hash = 0;    // of the hash forms

    bool operator==(const PycHeader&) const = default;
};
PycHeader read_pyc_header(std::string_view head);

// "cpython-311" of 3495: of the releases 3.8 to 3.13; "" of any other number.
std::string_view tag_of_magic(std::uint16_t magic);

// "/srv/__pycache__/x.cpython-311.opt-1.pyc" belongs to "/srv/x.py", "/srv/x.pyc" takes its place.
struct PycName {
    std::string source;          // path of the .py
    std::string tag;             // "cpython-311"; "" where there is none: the file stands alone
    std::string optimization;    // "", "1", "2", or whatever a tool wrote there
    bool cached = false;         // lies in __pycache__: never used without its source

    bool operator==(const PycName&) const = default;
};
// Nothing for a path that importlib gives to no source.
std::optional<PycName> read_pyc_name(std::string_view path);

}    // namespace trueup::code
