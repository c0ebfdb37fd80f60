// SPDX-License-Identifier: Apache-2.0
// One file out of a container, bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "controller/engine/engine.hpp"

namespace trueup::code {

struct ContainerFile {
    bool exists = false;
    std::int64_t mtime = 0;                // unix seconds
    std::optional<std::string> content;    // of a link: its target; nothing: longer than the limit,
                                           // or neither file nor link (a device, a FIFO, a folder)
};

// However long the file is, no more than `limit` bytes of it are read, and none of them twice.
Task<ContainerFile> read_container_file(engine::Engine& engine, std::string container_id,
                                        std::string path, std::size_t limit);

}    // namespace trueup::code
