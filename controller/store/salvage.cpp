// SPDX-License-Identifier: Apache-2.0
#include "controller/store/salvage.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "controller/store/database.hpp"
#include "controller/store/memory.hpp"

namespace trueup::store {
namespace {

constexpr std::array<std::string_view, 3> suffixes{"", "-wal", "-shm"};

// Gone with this.
class Copy {
public:
    explicit Copy(const std::string& file) : file_(file + ".reading") {
        std::error_code code;
        for (const std::string_view suffix : {"", "-wal"}) {
            std::filesystem::copy_file(file + std::string(suffix), file_ + std::string(suffix),
                                       code);
        }
    }
    ~Copy() {
        std::error_code code;
        for (const std::string_view suffix : suffixes)
            std::filesystem::remove(file_ + std::string(suffix), code);
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    const std::string& file() const { return file_; }

private:
    std::string file_;
};

template <class Kind>
std::size_t count_of(const Changes& changes) {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(),
                      [](const Change& each) { return std::holds_alternative<Kind>(each); }));
}

}    // namespace

std::size_t Salvaged::suspensions() const { return count_of<Suspension>(changes); }
std::size_t Salvaged::adoptions() const { return count_of<AdoptedContainer>(changes); }

Salvaged salvage(const std::string& file, Milliseconds busy) {
    Salvaged found;
    const Copy copy(file);
    const auto database = Database::open(copy.file(), Database::Access::existing, busy);
    if (!database) return found;
    const bool suspensions = read_table(**database, "suspensions", found.changes);
    const bool adopted = read_table(**database, "adopted", found.changes);
    found.whole = suspensions && adopted;
    read_table(**database, "stacks", found.changes);
    read_table(**database, "applied", found.changes);
    return found;
}

}    // namespace trueup::store
