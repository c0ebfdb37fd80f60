// SPDX-License-Identifier: Apache-2.0
#include "controller/code/scan.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "controller/base/digest.hpp"
#include "controller/base/text.hpp"

namespace trueup::code {
namespace {

constexpr std::size_t block = 256U << 10U;
constexpr std::int64_t byte_limit = std::int64_t(64) << 30U;

using ReadFunction = std::function<long(char*, std::size_t)>;

struct Input {
    const ReadFunction& read;
    std::vector<char> buffer;
};

la_ssize_t fill(archive*, void* data, const void** bytes) {
    auto& input = *static_cast<Input*>(data);
    *bytes = input.buffer.data();
    return input.read(input.buffer.data(), input.buffer.size());
}

struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
};

class Scan {
public:
    Scan(const std::string& root, const ReadFunction& read, FoundFiles& found)
        : parent_(root.substr(0, root.rfind('/'))),
          found_(found),
          input_{read, std::vector<char>(block)},
          reader_(archive_read_new()) {}

    Result<void> run() {
        archive_read_support_format_tar(reader_.get());
        if (archive_read_open(reader_.get(), &input_, nullptr, fill, nullptr) != ARCHIVE_OK)
            return failure();
        archive_entry* entry = nullptr;
        for (std::size_t count = 0;; ++count) {
            const int code = archive_read_next_header(reader_.get(), &entry);
            if (code == ARCHIVE_EOF) return Result<void>();
            if (code < ARCHIVE_WARN) return failure();
            if (count >= entry_limit)
                return Error(Errc::invalid,
                             fmt::format("more than {} files in a code directory", entry_limit));
            const auto taken = take(entry);
            if (!taken) return taken;
        }
    }

private:
    Error failure() const {
        const char* text = archive_error_string(reader_.get());
        return Error(Errc::unavailable, fmt::format("reading the container's archive: {}",
                                                    text == nullptr ? "failed" : text));
    }

    // Where an entry lies in the container; nothing for a path that cannot be one.
    std::optional<std::string> container_path(const char* name) const {
        if (name == nullptr) return std::nullopt;
        std::string_view path(name);
        while (path.starts_with("./") || path.starts_with('/'))
            path.remove_prefix(path.starts_with('/') ? 1 : 2);
        const auto normal = base::normal_path(path);
        if (!normal || normal->empty() || normal->size() > path_limit) return std::nullopt;
        return parent_ + "/" + *normal;
    }

    Result<void> take(archive_entry* entry) {
        const auto path = container_path(archive_entry_pathname(entry));
        if (!path) return Result<void>();
        if (const char* target = archive_entry_hardlink(entry)) return hard_link(*path, target);
        const auto type = archive_entry_filetype(entry);
        if (type == AE_IFLNK) {
            const char* target = archive_entry_symlink(entry);
            FoundFile file;
            file.object_id = base::git_blob_id(target == nullptr ? "" : target);
            file.symlink = true;
            found_.insert_or_assign(*path, std::move(file));
        } else if (type == AE_IFREG) {
            return regular(*path, entry);
        }
        return Result<void>();
    }

    Result<void> hard_link(const std::string& path, const char* target) {
        const auto original = container_path(target);
        const auto known = original ? found_.find(*original) : found_.end();
        if (known != found_.end()) found_.insert_or_assign(path, FoundFile(known->second));
        return Result<void>();
    }

    Result<void> regular(const std::string& path, archive_entry* entry) {
        const std::int64_t size = archive_entry_size(entry);
        if (size > byte_limit - bytes_) {
            return Error(
                Errc::invalid,
                fmt::format("{}: more than {} GiB in a code directory are not read through "
                            "the engine; keep data outside of it",
                            path, byte_limit >> 30U));
        }
        bytes_ += size;
        base::Hasher hasher(base::HashKind::sha1);
        hasher.update(fmt::format("blob {}", size));
        hasher.update(std::string_view("\0", 1));
        FoundFile file;
        const bool keeps_head = path.ends_with(".pyc");
        std::array<char, 64U << 10U> buffer{};
        for (;;) {
            const la_ssize_t got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
            if (got < 0) return failure();
            if (got == 0) break;
            const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
            hasher.update(bytes);
            if (keeps_head && file.head.size() < kept_head)
                file.head += bytes.substr(0, kept_head - file.head.size());
        }
        file.mtime = archive_entry_mtime(entry);
        file.size = static_cast<std::uint64_t>(size);
        file.object_id = hasher.hex();
        file.executable = (archive_entry_perm(entry) & 0100U) != 0;
        found_.insert_or_assign(path, std::move(file));
        return Result<void>();
    }

    std::string parent_;
    FoundFiles& found_;
    std::int64_t bytes_ = 0;
    Input input_;
    std::unique_ptr<archive, Free> reader_;
};

}    // namespace

Result<void> scan_tar(const std::string& root,
                      const std::function<long(char* buffer, std::size_t size)>& read,
                      FoundFiles& found) {
    return Scan(root, read, found).run();
}

}    // namespace trueup::code
