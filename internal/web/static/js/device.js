// What a device keeps for itself (IndexedDB): letters that wait to be sent, the view
// of its own running walk, and a few facts about the device.

// openDevice opens the store, given the browser's indexedDB.
export function openDevice(factory) {
  return new Promise((resolve, reject) => {
    const asked = factory.open('roundtable', 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('letters', { keyPath: 'order' });
      asked.result.createObjectStore('own');
      asked.result.createObjectStore('about');
    };
    asked.onsuccess = () => resolve(new Device(asked.result));
    asked.onerror = () => reject(asked.error);
  });
}

// Device is the store. What a method has promised is on the disk.
export class Device {
  constructor(db) {
    this.db = db;
    db.onversionchange = () => db.close();
  }

  run(mode, work) {
    return new Promise((resolve, reject) => {
      const names = ['letters', 'own', 'about'];
      const tx = this.db.transaction(names, mode, { durability: 'strict' });
      let result;
      tx.oncomplete = () => resolve(result && 'result' in result ? result.result : undefined);
      tx.onabort = () => reject(tx.error);
      result = work(...names.map((name) => tx.objectStore(name)));
    });
  }

  // letters lists what waits, in the order in which it was made.
  letters() {
    return this.run('readonly', (letters) => letters.getAll());
  }

  // picture is the letter of a photo, which lies apart: it is large.
  picture(order) {
    return this.about(`photo ${order}`);
  }

  // own is the view of this device's walk, sealed, or undefined.
  own() {
    return this.run('readonly', (letters, own) => own.get('walk'));
  }

  about(name) {
    return this.run('readonly', (letters, own, about) => about.get(name));
  }

  // nextOrder gives a number that was never given before.
  async nextOrder() {
    let next;
    await this.run('readwrite', (letters, own, about) => {
      const asked = about.get('order');
      asked.onsuccess = () => about.put((next = (asked.result || 0) + 1), 'order');
    });
    return next;
  }

  // change does all of it or nothing: put and drop letters (by order), keep a view or
  // forget it (null), keep facts.
  change({ put = [], drop = [], own, about = {} }) {
    return this.run('readwrite', (letters, walks, facts) => {
      for (const { picture, ...letter } of put) {
        letters.put(letter);
        if (picture) facts.put(picture, `photo ${letter.order}`);
      }
      for (const order of drop) {
        letters.delete(order);
        facts.delete(`photo ${order}`);
      }
      if (own === null) walks.delete('walk');
      else if (own) walks.put(own, 'walk');
      for (const [name, fact] of Object.entries(about)) facts.put(fact, name);
    });
  }
}
