/** Written by bench/make-item-dictionary.ts, never by hand and never again: 1672 bytes, compressed. */
export const ITEM_DICTIONARY_1: readonly string[] = [
  'fVRtb+M2DEb3SwZtH+289docDBwwtxegBZqmSNIPhyQIWImNtdqSJtHpeYf890Fy7fja3L4YFvmQIh+RD1NQoGPJD3bHktUPtmAJM3J7zg5Rfe',
  'CZP2wOEQPFM209tANiwLkuFTVm4Jy2Q+9wpC2KNHjuWcKGY2/lGajdR7Oxei8F2skeFd2K4Hy8u2MJ2RIPEZNuIYsyB8Lgu5rNjj5XKcqQJG9q',
  'eEFD4S6w4isQHLsLF4bW/N+g7isHRxNrj62FQ/K7T6HwO6VEWBg63ckcwWnVRGagRI52+wwyR9Hp96pqINqgBdI2AasSeHWJhCJJPDRDEGjDW0',
  'z9p3RoY9jhkdyp/lfmOfQveoNAGlQG8pgsKFdI56RWsRQN+LdfQUgW2IBGgxbD0VJc2rzthci4pN8HI3s1pMd10d8P+0qTfJYcSGrl+j7O9a8n',
  '82V8fjngAJ9GcedqKCmLId/pJu/iJh1dXL5KyuaL9Fc1Orlr8Cxi7p8SLMao9tJqVXQYebBalNwX4jO94lOm9UuHhMLttl2P790RFKYBDMfH4W',
  'tHOxTkw9CP47IyLV8P6bfp5H7Zu04flo/zSe96Nn24mywnX7tD3IDrsk/mMVD5NnqlEWGmT0SDqFCdDE4flzez+e0iXd7O7j1CW4FWqt3Pa7xH',
  '62pi2sHfnJpIrgujFSpKjNUcndP2OLnu3fKM37Sg3gnXrkQo9PkZeW3zeVfn0Wq1blt1JeeIAsWaResgH+FH4atbs2i1ZjmKHdo122w2IbBepj',
  'WLVJnn0ZoJrfxpuNnUlvAZbNjBN/iBe7LS/C/3W6nop7o8uNCixRE6em/L5T4k1U9/I38Tqq4aGrBBwN4pai2ijaKWbluzePrdwn62j/ZG+AtW',
  'tx9WO9cgrirC9hlGn8dBm560qBYZjC4ug1qyhJ39Fd5Uh55vwGWt49Mp7anp82uogEp75OTLcBzth198uoPXXuQWOzzUcX+EcSALHI+uYXz2Z3',
  'wWhSf5bqRFl9K0rfw/',
];
