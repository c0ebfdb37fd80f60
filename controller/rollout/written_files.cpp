// SPDX-License-Identifier: Apache-2.0
// One tar with the entries' whole paths, unpacked at "/". Folders above them are left to the engine: an
// entry for one that exists would give it other rights.
#include "controller/rollout/written_files.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <vector>

namespace trueup::rollout {
namespace {

constexpr std::size_t overhead = 16U << 10U;    // of an entry with a long path, and of the end

}    // namespace

Result<std::string> tar_of(const std::vector<render::WrittenFile>& files) {
    std::size_t size = overhead;
    for (const render::WrittenFile& file : files) size += overhead + file.content.size();
    std::vector<char> buffer(size);
    const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                         archive_write_free);
    std::size_t used = 0;
    archive_write_set_format_gnutar(writer.get());
    archive_write_set_bytes_per_block(writer.get(), 0);
    archive_write_open_memory(writer.get(), buffer.data(), buffer.size(), &used);
    for (const render::WrittenFile& file : files) {
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
            archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), file.target.substr(1).c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), static_cast<mode_t>(file.mode));
        archive_entry_set_uid(entry.get(), file.user);
        archive_entry_set_gid(entry.get(), file.group);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
        const bool begun = archive_write_header(writer.get(), entry.get()) >= ARCHIVE_WARN;
        const auto written =
            begun ? archive_write_data(writer.get(), file.content.data(), file.content.size()) : -1;
        if (written < 0 || static_cast<std::size_t>(written) != file.content.size())
            return Error(Errc::internal, fmt::format("cannot pack {}", file.target));
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK)
        return Error(Errc::internal, "cannot pack the files of a container");
    return std::string(buffer.data(), used);
}

}    // namespace trueup::rollout
