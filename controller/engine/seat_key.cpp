// SPDX-License-Identifier: Apache-2.0
#include "controller/engine/seat_key.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/rand.h>

#include <array>
#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "controller/base/digest.hpp"
#include "controller/engine/seat_holder.hpp"

namespace trueup::engine {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t archive_limit = 1U << 20U;
constexpr const char* file_name = "owner.key";

struct Free {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, Free>;

Error no_key() { return Error(Errc::invalid, "it holds no owner key"); }

class LimitedSink final : public ByteSink {
public:
    Task<void> write(std::string chunk) override {
        if (bytes.size() + chunk.size() > archive_limit)
            co_return Error(Errc::invalid, "its owner key is too long");
        bytes += chunk;
        co_return Result<void>();
    }
    std::string bytes;
};

// The image is nothing but the key.
bool holds(const boost::json::object& inspect, const std::string& key) {
    if (!is_owner_key(key)) return false;
    const auto packed = pack_key(key);
    const boost::json::value* root = inspect.if_contains("RootFS");
    const boost::json::value* layers =
        root != nullptr && root->is_object() ? root->as_object().if_contains("Layers") : nullptr;
    if (!packed || layers == nullptr || !layers->is_array() || layers->as_array().size() != 1)
        return false;
    return layers->as_array().front() == boost::json::value("sha256:" + base::sha256_hex(*packed));
}

}    // namespace

Result<std::string> random_hex(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        return Error(Errc::unavailable, "this machine has no random numbers to give");
    return base::to_hex(bytes);
}

Result<std::string> make_owner_key() { return random_hex(key_bytes); }

bool is_owner_key(std::string_view text) {
    return text.size() == 2 * key_bytes &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string key_reference(const std::string& controller_name) {
    return "trueup.seat/" + controller_name + ":key";
}

Result<std::string> pack_key(const std::string& key) {
    std::string buffer(1U << 15U, '\0');
    std::size_t used = 0;
    const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(),
                                                                         archive_write_free);
    archive_write_set_format_gnutar(writer.get());
    const Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), file_name);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(key.size()));
    const bool written = archive_write_open_memory(writer.get(), buffer.data(), buffer.size(),
                                                   &used) == ARCHIVE_OK &&
                         archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK &&
                         archive_write_data(writer.get(), key.data(), key.size()) ==
                             static_cast<la_ssize_t>(key.size()) &&
                         archive_write_close(writer.get()) == ARCHIVE_OK;
    if (!written) return Error(Errc::internal, "the owner key cannot be packed");
    buffer.resize(used);
    return buffer;
}

Result<std::string> unpack_key(std::string_view tar) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                        archive_read_free);
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK)
        return no_key();
    archive_entry* entry = nullptr;
    if (archive_read_next_header(reader.get(), &entry) < ARCHIVE_WARN) return no_key();
    if (entry == nullptr || archive_entry_filetype(entry) != AE_IFREG) return no_key();
    std::array<char, 2 * key_bytes + 1> buffer{};
    const la_ssize_t size = archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (size < 0) return no_key();
    std::string key(buffer.data(), static_cast<std::size_t>(size));
    if (!is_owner_key(key)) return no_key();
    return key;
}

Task<std::string> read_owner_key(Engine& engine, std::string container) {
    LimitedSink sink;
    const auto read = co_await engine.read_archive(container, "/owner.key", sink);
    if (!read) co_return read.error();
    co_return unpack_key(sink.bytes);
}

Task<std::string> find_owner_key(Engine& engine, std::string controller_name, std::string known) {
    const auto seated = co_await read_owner_key(engine, seat_name(controller_name));
    if (seated) co_return *seated;
    if (seated.error().code() != Errc::not_found) co_return seated.error();
    const auto inspect = co_await engine.inspect_image_raw(key_reference(controller_name));
    if (!inspect && inspect.error().code() == Errc::not_found) co_return std::string();
    if (!inspect) co_return inspect.error();
    if (holds(*inspect, known)) co_return known;
    const boost::json::value* id = inspect->if_contains("Id");
    if (id == nullptr || !id->is_string()) co_return no_key();
    const auto suffix = random_hex(8);
    if (!suffix) co_return suffix.error();
    boost::json::object body = unstarted(std::string(id->as_string()));
    auto made = co_await engine.create_container(seat_name(controller_name) + ".look." + *suffix,
                                                 std::move(body));
    if (!made) co_return made.error();
    auto key = co_await read_owner_key(engine, *made);
    const auto removed = co_await engine.remove_container(*made, false, true);
    if (!removed) co_return removed.error();
    co_return key;
}

}    // namespace trueup::engine
