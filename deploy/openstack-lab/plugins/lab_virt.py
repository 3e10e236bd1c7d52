"""Nova's in-tree fake driver, made restartable and breakable.

up.sh installs it as nova.virt.lab_virt and gives LAB to every nova-compute.

What the in-tree driver does not do, and this one does:
- a restarted nova-compute still has its guests, as on a real host;
- the size of a host comes from LAB_VCPUS, LAB_RAM_MB and LAB_DISK_GB;
- the source of a live migration lets go of the guest (otherwise a later evacuation back to that host fails with
  InstanceExists), and a live migration can be aborted or forced to complete;
- operations are delayed or fail as $LAB/ctl/<host>.json and $LAB/ctl/all.json say; README.md has the format.
"""

import json
import os
import threading
import time

from nova import conf
from nova import exception
from nova.virt import fake

CONF = conf.CONF
CTL = os.path.join(os.environ["LAB"], "ctl")


class LabDriver(fake.FakeDriverWithoutFakeNodes):
    vcpus = int(os.environ.get("LAB_VCPUS", 16))
    memory_mb = int(os.environ.get("LAB_RAM_MB", 32768))
    local_gb = int(os.environ.get("LAB_DISK_GB", 1000))

    def __init__(self, virtapi, read_only=False):
        super().__init__(virtapi, read_only)
        self._orders = {}
        self._saving = threading.Lock()

    # ---- guests outlive the agent

    def _guests_file(self):
        return os.path.join(CONF.state_path, "guests.json")

    def init_host(self, host):
        super().init_host(host)
        if os.path.exists(self._guests_file()):
            with open(self._guests_file()) as f:
                for uuid, (name, state) in json.load(f).items():
                    self.instances[uuid] = fake.FakeInstance(name, state, uuid)

    def _save_guests(self):
        new = self._guests_file() + ".new"
        with self._saving:
            with open(new, "w") as f:
                json.dump({uuid: (i.name, i.state) for uuid, i in list(self.instances.items())}, f)
            os.replace(new, self._guests_file())

    def resume_state_on_host_boot(self, context, instance, *args, **kwargs):
        if instance.uuid not in self.instances:
            self.spawn(context, instance, None, None, None, None)

    # ---- faults

    def _fault(self, operation, instance):
        fault = {}
        for name in ("all", CONF.host):
            try:
                with open(os.path.join(CTL, f"{name}.json")) as f:
                    wanted = json.load(f).get(operation, {})
            except (OSError, ValueError):
                continue
            if not wanted.get("uuids") or instance.uuid in wanted["uuids"]:
                fault.update(wanted)
        return fault

    def _delayed(self, operation, instance, interrupted=lambda: False):
        """Sit out the delay and return the fault as it is then.

        The files are read again all the time, so that whoever wrote a long delay can end it.
        """
        began = time.monotonic()
        while True:
            fault = self._fault(operation, instance)
            if time.monotonic() - began >= fault.get("delay", 0) or interrupted():
                return fault
            time.sleep(0.1)

    def _obey(self, operation, instance, error=None):
        fault = self._delayed(operation, instance)
        reason = fault.get("fail") or fault.get("raise")
        if reason and error:
            raise error(reason=reason)
        if reason:
            raise exception.NovaException(message=reason)

    # ---- operations

    def spawn(self, context, instance, *args, **kwargs):
        self._obey("spawn", instance, exception.InstanceDeployFailure)
        super().spawn(context, instance, *args, **kwargs)
        self._save_guests()

    def destroy(self, context, instance, *args, **kwargs):
        self._obey("destroy", instance)
        super().destroy(context, instance, *args, **kwargs)
        self._save_guests()

    def power_off(self, instance, timeout=0, retry_interval=0):
        self._obey("power_off", instance, exception.InstancePowerOffFailure)
        super().power_off(instance, timeout, retry_interval)
        self._save_guests()

    def power_on(self, context, instance, *args, **kwargs):
        self._obey("power_on", instance, exception.InstancePowerOnFailure)
        super().power_on(context, instance, *args, **kwargs)
        self._save_guests()

    def migrate_disk_and_power_off(self, context, instance, *args, **kwargs):
        fault = self._delayed("migrate_disk_and_power_off", instance)
        if fault.get("raise"):
            raise exception.NovaException(message=fault["raise"])
        if fault.get("fail"):
            # What a real driver raises while nothing has moved yet: the server goes back to ACTIVE.
            raise exception.InstanceFaultRollback(
                inner_exception=exception.NovaException(message=fault["fail"])
            )
        return super().migrate_disk_and_power_off(context, instance, *args, **kwargs)

    def finish_migration(self, context, migration, instance, *args, **kwargs):
        self._obey("finish_migration", instance)
        return super().finish_migration(context, migration, instance, *args, **kwargs)

    def finish_revert_migration(self, *args, **kwargs):
        super().finish_revert_migration(*args, **kwargs)
        self._save_guests()

    # ---- live migration

    def check_can_live_migrate_source(self, context, instance, *args, **kwargs):
        self._obey("check_can_live_migrate_source", instance, exception.MigrationPreCheckError)
        return super().check_can_live_migrate_source(context, instance, *args, **kwargs)

    def check_can_live_migrate_destination(self, context, instance, *args, **kwargs):
        self._obey("check_can_live_migrate_destination", instance, exception.MigrationPreCheckError)
        return super().check_can_live_migrate_destination(context, instance, *args, **kwargs)

    def pre_live_migration(self, context, instance, *args, **kwargs):
        self._obey("pre_live_migration", instance)
        return super().pre_live_migration(context, instance, *args, **kwargs)

    def live_migration(self, context, instance, dest, post_method, recover_method, block_migration=False,
                       migrate_data=None):
        self._orders[instance.uuid] = None
        fault = self._delayed("live_migration", instance, lambda: self._orders[instance.uuid])
        order = self._orders.pop(instance.uuid)
        if fault.get("raise"):
            raise exception.NovaException(message=fault["raise"])
        if order == "abort":
            recover_method(context, instance, dest, migrate_data, migration_status="cancelled")
        elif fault.get("fail"):
            recover_method(context, instance, dest, migrate_data)
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_abort(self, instance):
        if instance.uuid in self._orders:
            self._orders[instance.uuid] = "abort"

    def live_migration_force_complete(self, instance):
        if instance.uuid in self._orders:
            self._orders[instance.uuid] = "complete"

    def post_live_migration(self, context, instance, block_device_info, migrate_data=None):
        super().destroy(context, instance, None, block_device_info)
        self._save_guests()
