// SPDX-License-Identifier: Apache-2.0
// Files of a container as git would name them, out of a tar of the archive API. Blocking; for the
// pool. Limits: 500,000 entries, paths of 4 KiB, 64 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "controller/base/result.hpp"
#include "controller/code/code.hpp"

namespace trueup::code {

struct FoundFile {
    std::string object_id;    // git blob id; of a symlink: of its target
    bool executable = false;
    bool symlink = false;
    // Of a regular file: what the header of its byte code names (PEP 552).
    std::int64_t mtime = 0;    // unix seconds
    std::uint64_t size = 0;
    std::string head;    // of a `.pyc`: its first bytes, at most kept_head

    bool operator==(const FoundFile&) const = default;
};
inline constexpr std::size_t kept_head = 16;
inline constexpr std::size_t entry_limit = 500'000;
inline constexpr std::size_t path_limit = 4096;

using FoundFiles = std::map<std::string, FoundFile>;    // by absolute path in the container

// `read` fills a buffer and returns its size, 0 at the end, negative on failure. The entries of the
// tar start with the last part of `root`; they come out below `root`.
Result<void> scan_tar(const std::string& root,
                      const std::function<long(char* buffer, std::size_t size)>& read,
                      FoundFiles& found);

// Pure: what of the expected is modified, missing or of another mode, and which source files are
// extra (neither expected nor ignored); what the manifest has in its own way must be so, and all of it
// must be there. nullptr: the image was not looked at.
Comparison compare(const ExpectedCode& expected, const FoundFiles& found, const Manifest* manifest);

// Where a container writes into what is no part of its image, and no file of the commit lies: the
// targets of writable mounts and of `tmpfs` ("/run:size=64m").
model::Strings data_folders(const std::map<std::string, model::ObservedMount>& mounts,
                            const model::Strings& tmpfs, const ExpectedCode& expected);
// What lies there is data, whatever its name, and whatever the image had there before.
void leave_out(const model::Strings& data_folders, FoundFiles& found, Manifest& manifest);

// The same of what was found in that container, and its bytecode judged by its own interpreter.
Task<Comparison> compare_found(engine::Engine& engine, std::string container_id,
                               std::shared_ptr<const ExpectedCode> expected,
                               const FoundFiles& found, std::shared_ptr<const Manifest> manifest,
                               Verdicts& verdicts, SystemTime now);

// By its name: a file in a language whose interpreter would run it.
bool is_source_file(std::string_view path);
// Likewise, or an extension module that CPython imports in place of a Python file of the commit beside it
// (main.abi3.so, main.py).
bool is_code(const ExpectedCode& expected, const std::string& path);

}    // namespace trueup::code
