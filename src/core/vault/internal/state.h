// SPDX-License-Identifier: Apache-2.0
// What the vault keeps in memory: the list of volumes, ciphers that are free to use, and the next record
// number.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "base/guarded.h"
#include "core/vault/internal/record.h"
#include "core/vault/vault.h"

namespace huoqi::vault {

// Lends the ciphers of volumes to one thread at a time and takes them back, so that key schedules are set up
// once.
class CipherPool {
  public:
    CipherPool(const keys::KeyRing& keys) : keys_(keys) {}

    class Lease {
      public:
        Lease(CipherPool& pool, VolumeId volume, std::unique_ptr<VolumeCipher> cipher)
            : pool_(&pool), volume_(volume), cipher_(std::move(cipher)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (cipher_) pool_->give_back(volume_, std::move(cipher_));
        }
        VolumeCipher* operator->() const { return cipher_.get(); }

      private:
        CipherPool* pool_;
        VolumeId volume_;
        std::unique_ptr<VolumeCipher> cipher_;
    };

    Result<Lease> borrow(const Volume& volume);

  private:
    void give_back(VolumeId volume, std::unique_ptr<VolumeCipher> cipher);

    const keys::KeyRing& keys_;
    Guarded<std::map<VolumeId, std::vector<std::unique_ptr<VolumeCipher>>>> free_;
};

struct Vault::State {
    explicit State(const keys::KeyRing& keys) : pool(keys) {}

    struct Listed {
        std::vector<Volume> volumes;  // ascending by period, then id
        std::optional<std::chrono::steady_clock::time_point> asked;
    };
    Guarded<Listed> volumes;
    CipherPool pool;
    std::atomic<std::uint64_t> next_record = 0;
    std::mutex opening_volume;
};

}  // namespace huoqi::vault
