// SPDX-License-Identifier: Apache-2.0
#include "controller/code/container_file.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace trueup::code {
namespace {

constexpr std::size_t headers = 64U << 10U;

// Ends the transfer when there is more than the limit.
class BoundedSink final : public engine::ByteSink {
public:
    explicit BoundedSink(std::size_t limit) : limit_(limit) {}

    std::string bytes;
    bool full = false;

    Task<void> write(std::string chunk) override {
        const std::size_t space = limit_ - bytes.size();
        full = full || chunk.size() > space;
        bytes.append(chunk, 0, std::min(space, chunk.size()));
        if (full) co_return Error(Errc::cancelled, "the file is longer than what is shown");
        co_return Result<void>();
    }

private:
    std::size_t limit_;
};

struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

std::optional<std::string> content_of(archive* reader, archive_entry* entry, std::size_t limit) {
    if (archive_entry_filetype(entry) == AE_IFLNK) {
        const char* target = archive_entry_symlink(entry);
        return target == nullptr ? std::string() : std::string(target);
    }
    const la_int64_t size = archive_entry_size(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || size < 0) return std::nullopt;
    if (static_cast<std::size_t>(size) > limit) return std::nullopt;
    std::string content(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < content.size()) {
        const la_ssize_t got =
            archive_read_data(reader, content.data() + done, content.size() - done);
        if (got <= 0) return std::nullopt;
        done += static_cast<std::size_t>(got);
    }
    return content;
}

ContainerFile first_of(const std::string& tar, std::size_t limit) {
    ContainerFile file;
    const std::unique_ptr<archive, Free> reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) < ARCHIVE_WARN || entry == nullptr)
        return file;
    file.exists = true;
    file.mtime = archive_entry_mtime(entry);
    file.content = content_of(reader.get(), entry, limit);
    return file;
}

}    // namespace

Task<ContainerFile> read_container_file(engine::Engine& engine, std::string container_id,
                                        std::string path, std::size_t limit) {
    BoundedSink sink(limit + headers);
    const auto streamed =
        co_await engine.read_archive(std::move(container_id), std::move(path), sink);
    if (!streamed && !sink.full && streamed.error().code() != Errc::not_found)
        co_return streamed.error();
    co_return first_of(sink.bytes, limit);
}

}    // namespace trueup::code
