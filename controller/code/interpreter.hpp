// SPDX-License-Identifier: Apache-2.0
// Which Python a container, or an image, itself is run by: wherever it lies (/app/.venv/bin/python,
// /opt/python/bin/python3.12), not only on the PATH. These are names to try; what one of them is, its
// answer tells.
#pragma once

#include <string>
#include <string_view>

#include "controller/engine/engine.hpp"

namespace trueup::code {

// How it is started.
struct Entry {
    model::Strings words;     // entrypoint and command
    model::Strings search;    // PATH
    std::string directory = "/";
};
// Of an inspect's `Config`.
Entry read_entry(const boost::json::object& inspect);

// Pure. The Python programs that a command or a script names, in order, each once: by a name alone, or
// by an absolute path.
model::Strings interpreters_in(std::string_view text);

// Those that the words name; where none does, those of the scripts that the words start, by their `#!` or
// their text. The container may be one that was only created. A script that cannot be read names none.
Task<model::Strings> interpreters_of_entry(engine::Engine& engine, std::string container_id,
                                           Entry entry);

// What runs in the container, where this host can see it, then those of its entry.
Task<model::Strings> interpreters_of_container(engine::Engine& engine, std::string container_id);

}    // namespace trueup::code
