// SPDX-License-Identifier: Apache-2.0
#include "controller/build/context_tar.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

namespace trueup::build {
namespace {

constexpr std::size_t blob_limit = 512U << 20U;

struct Close {
    void operator()(archive* writer) const { archive_write_free(writer); }
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, Close>;
using EntryHandle = std::unique_ptr<archive_entry, Close>;
using WriteFunction = std::function<bool(std::string_view)>;

la_ssize_t pass_on(archive* writer, void* data, const void* bytes, std::size_t size) {
    const auto& write = *static_cast<const WriteFunction*>(data);
    if (write(std::string_view(static_cast<const char*>(bytes), size)))
        return static_cast<la_ssize_t>(size);
    archive_set_error(writer, EPIPE, "the reader is gone");
    return -1;
}

class TarWriter {
public:
    TarWriter(const WriteFunction& write, SystemTime time)
        : writer_(archive_write_new()), seconds_(std::chrono::system_clock::to_time_t(time)) {
        archive_write_set_format_gnutar(writer_.get());
        archive_write_set_bytes_per_block(writer_.get(), 64 << 10);
        archive_write_set_bytes_in_last_block(writer_.get(), 1);
        // libarchive takes a plain pointer; the function outlives the writer.
        archive_write_open2(writer_.get(), const_cast<WriteFunction*>(&write), nullptr, pass_on,
                            nullptr, nullptr);
    }

    Result<void> directories_of(const std::string& path) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1)) {
            const std::string directory = path.substr(0, slash);
            if (!directories_.insert(directory).second) continue;
            const auto written = entry(directory + "/", AE_IFDIR, 0755, "", "");
            if (!written) return written;
        }
        return Result<void>();
    }

    Result<void> entry(const std::string& path, unsigned type, int mode, std::string_view content,
                       const std::string& link) {
        const EntryHandle handle(archive_entry_new());
        archive_entry* raw = handle.get();
        archive_entry_set_pathname(raw, path.c_str());
        archive_entry_set_filetype(raw, type);
        archive_entry_set_perm(raw, static_cast<mode_t>(mode));
        archive_entry_set_mtime(raw, seconds_, 0);
        archive_entry_set_uid(raw, 0);
        archive_entry_set_gid(raw, 0);
        archive_entry_set_size(raw, static_cast<la_int64_t>(content.size()));
        if (!link.empty()) archive_entry_set_symlink(raw, link.c_str());
        if (archive_write_header(writer_.get(), raw) < ARCHIVE_WARN) return failure(path);
        if (content.empty()) return Result<void>();
        if (archive_write_data(writer_.get(), content.data(), content.size()) < 0)
            return failure(path);
        return Result<void>();
    }

    Result<void> close() {
        if (archive_write_close(writer_.get()) != ARCHIVE_OK) return failure("the end");
        return Result<void>();
    }

private:
    Error failure(const std::string& path) const {
        const char* text = archive_error_string(writer_.get());
        return Error(Errc::unavailable, fmt::format("writing the build context at {}: {}", path,
                                                    text == nullptr ? "failed" : text));
    }

    Writer writer_;
    std::time_t seconds_;
    std::set<std::string> directories_;
};

Result<void> write_file(TarWriter& tar, const dockerfile::ContextFile& file,
                        const model::Tree& tree) {
    const auto parents = tar.directories_of(file.path);
    if (!parents) return parents;
    const auto content = tree.read(file.tree_path, blob_limit);
    if (!content) return content.error().in("the build context");
    if (file.kind == model::EntryKind::symlink)
        return tar.entry(file.path, AE_IFLNK, 0777, "", *content);
    return tar.entry(file.path, AE_IFREG, file.kind == model::EntryKind::executable ? 0755 : 0644,
                     *content, "");
}

bool contains_dockerfile(const dockerfile::Context& context) {
    for (const dockerfile::ContextFile& file : context.files) {
        if (file.path == context.dockerfile_in_context) return true;
    }
    return false;
}

}    // namespace

std::string dockerfile_in_tar(const dockerfile::Context& context) {
    return context.dockerfile_in_context.empty() ? std::string(added_dockerfile)
                                                 : context.dockerfile_in_context;
}

Result<void> write_context_tar(const dockerfile::Context& context, const model::Tree& tree,
                               SystemTime commit_time,
                               const std::function<bool(std::string_view bytes)>& write) {
    TarWriter tar(write, commit_time);
    for (const dockerfile::ContextFile& file : context.files) {
        const auto written = write_file(tar, file, tree);
        if (!written) return written;
    }
    // .dockerignore may leave the Dockerfile out, and yet the builder has to see it.
    if (!contains_dockerfile(context)) {
        const auto written =
            tar.entry(dockerfile_in_tar(context), AE_IFREG, 0644, context.dockerfile_text, "");
        if (!written) return written;
    }
    return tar.close();
}

}    // namespace trueup::build
